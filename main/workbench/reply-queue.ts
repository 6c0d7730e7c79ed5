import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'

interface Reply {
  /** Monotonic time. */
  readonly dueAt: number
  readonly send: () => void
}

/** The answers that one client of a replay is about to give: they keep their order, however long each takes [MQTT-4.6.0-2]. */
export class ReplyQueue implements Disposable {
  readonly #clock: Clock
  readonly #waiting: Reply[] = []
  /** Of the first that waits. */
  #timer: Disposable | undefined
  #disposed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** @param ms in so many milliseconds, or when those before it were given; 0 may be at once */
  add(ms: number, send: () => void): void {
    this.#waiting.push({ dueAt: this.#clock.monotonic() + ms * 1e6, send })
    if (this.#waiting.length === 1) this.#goOn()
  }

  /** What waits is not given any more. */
  dispose(): void {
    this.#disposed = true
    this.#timer?.dispose()
    this.#timer = undefined
  }

  #goOn(): void {
    this.#timer = undefined
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const left = (first.dueAt - this.#clock.monotonic()) / 1e6
      if (left >= 1) {
        if (!this.#disposed) this.#timer = this.#clock.after(left, () => this.#goOn())
        return
      }
      this.#waiting.shift()
      first.send()
    }
  }
}
