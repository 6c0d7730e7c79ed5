import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'

/** What is due so soon is due now, in nanoseconds: sums of fractions of a millisecond are not exact. */
const tolerance = 1000

/** One timer for something that happens at a time that may change. It is never early. */
export class Alarm implements Disposable {
  readonly #clock: Clock
  readonly #run: () => void
  #timer: Disposable | undefined
  #due: number | undefined

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock
    this.#run = run
  }

  /** Runs at this monotonic time, in nanoseconds, and not at the one that was set before; undefined is never. */
  set(due: number | undefined): void {
    if (due === this.#due) return
    this.dispose()
    if (due === undefined) return
    this.#due = due
    this.#timer = this.#clock.after(Math.max(0, due - this.#clock.monotonic()) / 1e6, () => this.#fire(due))
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    this.#due = undefined
  }

  #fire(due: number): void {
    this.#timer = undefined
    this.#due = undefined
    // Timers count in whole milliseconds and may come a fraction of one too soon.
    if (isDue(this.#clock, due)) this.#run()
    else this.set(due)
  }
}

/** Whether this monotonic time, in nanoseconds, has come. */
export function isDue(clock: Clock, due: number): boolean {
  return due - clock.monotonic() < tolerance
}
