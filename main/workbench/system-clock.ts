import type { Clock } from '../../app/base/clock.ts'
import { toDisposable } from '../../app/base/disposable.ts'

/** The machine's own time. Handed to everything that needs a Clock; nothing else reads the time. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  // As precise as hrtime, and a fraction of its cost: this is asked for every packet.
  monotonic: () => performance.now() * 1e6,
  after(ms, run) {
    if (ms <= 0) {
      // The next turn of the event loop; a timer would take a millisecond at least.
      const immediate = setImmediate(run)
      return toDisposable(() => clearImmediate(immediate))
    }
    const timer = setTimeout(run, ms)
    return toDisposable(() => clearTimeout(timer))
  },
}
