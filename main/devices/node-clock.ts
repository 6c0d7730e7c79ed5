import type { Clock } from '../../app/base/clock.ts'
import { toDisposable } from '../../app/base/disposable.ts'

/**
 * The machine's time, as the devices' worker threads have it: a Clock cannot be handed to another thread.
 *
 * @param ahead by how many milliseconds the workbench's wall clock is ahead of the machine's
 */
export function nodeClock(ahead: number): Clock {
  return {
    now: () => performance.timeOrigin + performance.now() + ahead,
    monotonic: () => Number(process.hrtime.bigint()),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return toDisposable(() => clearTimeout(timer))
    },
  }
}

/**
 * By how many milliseconds a clock is ahead of the machine's wall clock, for `nodeClock` in another thread or process. One
 * that is the machine's own is not made to differ by what reading it twice takes.
 */
export function aheadOf(clock: Clock): number {
  const ahead = clock.now() - (performance.timeOrigin + performance.now())
  return Math.abs(ahead) < 1 ? 0 : ahead
}
