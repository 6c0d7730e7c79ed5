/** How many seconds back a rate is remembered. */
export const windowSeconds = 30
/** A rate is the mean of this many whole seconds: long enough that one packet in two seconds does not flicker. */
const meanSeconds = 4

/** Counts things as they happen and tells their rate in each of the last 30 seconds. */
export class RateWindow {
  /** One count for each second, at the second's number modulo the length. */
  readonly #counts = new Float64Array(windowSeconds + meanSeconds + 1)
  #startedAt: number
  #second: number

  /** One window for what happened in all of them. */
  static together(windows: readonly RateWindow[], now: number): RateWindow {
    const sum = new RateWindow(now)
    for (const window of windows) {
      window.#moveTo(now)
      sum.#second = Math.max(sum.#second, window.#second)
      sum.#startedAt = Math.min(sum.#startedAt, window.#startedAt)
    }
    const { length } = sum.#counts
    for (const window of windows) {
      window.#moveTo(sum.#second * 1000)
      // All stand at the same second now, and so have each second at the same place.
      for (let i = 0; i < length; i++) sum.#counts[i] = (sum.#counts[i] ?? 0) + (window.#counts[i] ?? 0)
    }
    return sum
  }

  /** @param now wall time in milliseconds. */
  constructor(now: number) {
    this.#second = Math.floor(now / 1000)
    this.#startedAt = this.#second
  }

  add(count: number, now: number): void {
    this.#moveTo(now)
    const at = this.#second % this.#counts.length
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  /** Things per second: the mean of the last four whole seconds, of fewer while it is young. */
  perSecond(now: number): number {
    this.#moveTo(now)
    return this.#rateBefore(this.#second)
  }

  /** The rates of the last 30 seconds, oldest first; fewer while it is young, since nobody knows what was before. */
  series(now: number): number[] {
    this.#moveTo(now)
    const length = Math.min(windowSeconds, this.#second - this.#startedAt)
    return Array.from({ length }, (_, i) => this.#rateBefore(this.#second - length + i + 1))
  }

  /** True when nothing at all happened in the window. */
  isQuiet(now: number): boolean {
    this.#moveTo(now)
    return this.#counts.every((count) => count === 0)
  }

  /** The mean of the seconds before this one. */
  #rateBefore(second: number): number {
    const seconds = Math.min(meanSeconds, second - this.#startedAt)
    if (seconds <= 0) return 0
    let sum = 0
    for (let back = 1; back <= seconds; back++) sum += this.#counts[(second - back) % this.#counts.length] ?? 0
    return sum / seconds
  }

  #moveTo(now: number): void {
    const second = Math.floor(now / 1000)
    // A wall clock may be set back; then the newest second goes on.
    const steps = Math.min(second - this.#second, this.#counts.length)
    for (let step = 1; step <= steps; step++) this.#counts[(second - steps + step) % this.#counts.length] = 0
    this.#second = Math.max(this.#second, second)
  }
}
