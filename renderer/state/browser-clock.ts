import type { Clock } from '../../app/base/clock.ts'
import { toDisposable } from '../../app/base/disposable.ts'

/** The browser's own time; nothing else in the screen reads it. */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * 1e6,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return toDisposable(() => clearTimeout(timer))
  },
}
