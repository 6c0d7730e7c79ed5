import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

interface Wait {
  readonly ms: number
  readonly repeat: boolean
  /** Monotonic, in milliseconds. */
  readonly due: number
  readonly alarm: Disposable | undefined
}

/** As many as the guest starts. */
export const mostTimers = 1000

/** The host's half of a script's `every` and `after`. */
export class Timers implements Disposable {
  readonly #clock: Clock
  readonly #fire: (timer: number) => void
  readonly #waiting = new Map<number, Wait>()
  #still = false

  constructor(clock: Clock, fire: (timer: number) => void) {
    this.#clock = clock
    this.#fire = fire
  }

  /** The guest counts and checks too, and says what is wrong; a script that has reached into it is only held back. */
  start(timer: number, ms: number, repeat: boolean): void {
    this.stop(timer)
    if (this.#waiting.size >= mostTimers) return
    const time = repeat ? Math.max(1, ms) : ms
    this.#wait(timer, time, repeat, this.#clock.monotonic() / 1e6 + time)
  }

  stop(timer: number): void {
    this.#waiting.get(timer)?.alarm?.dispose()
    this.#waiting.delete(timer)
  }

  /** No timer fires until `resume`. What is due by then fires at that moment, each once. */
  pause(): void {
    this.#still = true
    for (const waiting of this.#waiting.values()) waiting.alarm?.dispose()
  }

  resume(): void {
    this.#still = false
    const waiting = [...this.#waiting].sort(([, a], [, b]) => a.due - b.due)
    for (const [timer, { ms, repeat, due }] of waiting) this.#wait(timer, ms, repeat, due)
  }

  dispose(): void {
    for (const waiting of this.#waiting.values()) waiting.alarm?.dispose()
    this.#waiting.clear()
  }

  #wait(timer: number, ms: number, repeat: boolean, due: number): void {
    if (this.#still) {
      this.#waiting.set(timer, { ms, repeat, due, alarm: undefined })
      return
    }
    const alarm = this.#clock.after(Math.max(0, due - this.#clock.monotonic() / 1e6), () => {
      this.#waiting.delete(timer)
      // Due times are counted from the first one, so that a slow moment does not shift all later ones. What was missed
      // altogether is not made up for: a device that was held up does not fire ten times at once.
      if (repeat) {
        const missed = Math.max(0, Math.floor((this.#clock.monotonic() / 1e6 - due) / ms))
        this.#wait(timer, ms, true, due + (missed + 1) * ms)
      }
      this.#fire(timer)
    })
    this.#waiting.set(timer, { ms, repeat, due, alarm })
  }
}
