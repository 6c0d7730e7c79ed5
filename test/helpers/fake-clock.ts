import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, toDisposable } from '../../app/base/disposable.ts'

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #ms = 0
  #timers: { due: number; run: () => void }[] = []

  now(): number {
    return 1_700_000_000_000 + this.#ms
  }

  monotonic(): number {
    return this.#ms * 1e6
  }

  after(ms: number, run: () => void): Disposable {
    const timer = { due: this.#ms + ms, run }
    this.#timers.push(timer)
    return toDisposable(() => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    })
  }

  get waiting(): number {
    return this.#timers.length
  }

  /** Lets time pass on a machine that is too busy for its timers: what falls due waits for the next `advance`. */
  stall(ms: number): void {
    this.#ms += ms
  }

  /** Lets time pass; what falls due runs in order, at its time. */
  advance(ms: number): void {
    const end = this.#ms + ms
    for (;;) {
      const [next] = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
      if (!next) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#ms = Math.max(this.#ms, next.due)
      next.run()
    }
    // What ran may have taken its time.
    this.#ms = Math.max(this.#ms, end)
  }
}
