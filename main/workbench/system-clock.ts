import type { Clock } from '../../app/base/clock.ts'
import { toDisposable } from '../../app/base/disposable.ts'

/** What is done for so many packets takes a fraction of a millisecond. */
const mostShared = 16

/** What Node is asked to wait for beyond 24.8 days, in milliseconds, it does not wait for at all. */
const mostDelay = 2 ** 31 - 1

let recent = 0
/** How many more are given this answer. */
let left = 0
let isForgotten = true

function forget(): void {
  left = 0
  isForgotten = true
}

/** The machine's own time. Handed to everything that needs a Clock; nothing else reads the time. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  // As precise as hrtime, and a fraction of its cost: this is asked for every packet.
  monotonic: () => performance.now() * 1e6,
  recent() {
    if (left > 0) {
      left -= 1
      return recent
    }
    left = mostShared - 1
    recent = performance.now() * 1e6
    if (isForgotten) {
      isForgotten = false
      // With the end of this call of the event loop: the next one may be much later.
      queueMicrotask(forget)
    }
    return recent
  },
  after(ms, run) {
    if (ms <= 0) {
      // The next turn of the event loop; a timer would take a millisecond at least.
      const immediate = setImmediate(run)
      return toDisposable(() => clearImmediate(immediate))
    }
    let timer: NodeJS.Timeout
    const wait = (left: number) => {
      timer = left > mostDelay ? setTimeout(() => wait(left - mostDelay), mostDelay) : setTimeout(run, left)
    }
    wait(ms)
    return toDisposable(() => clearTimeout(timer))
  },
}
