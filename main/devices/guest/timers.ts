import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

/** The host's half of a script's `every` and `after`. */
export class Timers implements Disposable {
  readonly #clock: Clock
  readonly #fire: (timer: number) => void
  readonly #waiting = new Map<number, Disposable>()

  constructor(clock: Clock, fire: (timer: number) => void) {
    this.#clock = clock
    this.#fire = fire
  }

  start(timer: number, ms: number, repeat: boolean): void {
    this.#wait(timer, ms, repeat, this.#clock.monotonic() / 1e6 + ms)
  }

  stop(timer: number): void {
    this.#waiting.get(timer)?.dispose()
    this.#waiting.delete(timer)
  }

  dispose(): void {
    for (const waiting of this.#waiting.values()) waiting.dispose()
    this.#waiting.clear()
  }

  #wait(timer: number, ms: number, repeat: boolean, due: number): void {
    const waiting = this.#clock.after(Math.max(0, due - this.#clock.monotonic() / 1e6), () => {
      this.#waiting.delete(timer)
      // Due times are counted from the first one, so that a slow moment does not shift all later ones. What was missed
      // altogether is not made up for: a device that was held up does not fire ten times at once.
      if (repeat) {
        const missed = Math.max(0, Math.floor((this.#clock.monotonic() / 1e6 - due) / ms))
        this.#wait(timer, ms, true, due + (missed + 1) * ms)
      }
      this.#fire(timer)
    })
    this.#waiting.set(timer, waiting)
  }
}
