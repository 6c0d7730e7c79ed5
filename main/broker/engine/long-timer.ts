import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

/** Node's timers take 31 bits of milliseconds, some 24 days; a Session Expiry Interval has 32 bits of seconds. */
const longest = 2 ** 31 - 1

/** As `Clock.after`, for any time. */
export function longTimer(clock: Clock, ms: number, run: () => void): Disposable {
  let left = ms
  let timer: Disposable
  const wait = () => {
    const step = Math.min(left, longest)
    left -= step
    timer = clock.after(step, () => (left > 0 ? wait() : run()))
  }
  wait()
  return { dispose: () => timer.dispose() }
}
