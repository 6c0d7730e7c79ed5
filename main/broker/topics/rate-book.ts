/** For how many seconds counts are kept. */
export const keptSeconds = 30
/** A rate is what came in so many whole seconds. */
export const rateSeconds = 5

/**
 * Counts by the second, for many things that are numbered from 0. In columns: a hundred thousand small objects would cost
 * more than what they count.
 */
export class RateBook {
  #counts = new Uint32Array(0)
  /** The newest second of each. */
  #newest = new Int32Array(0)

  /** @param second counts from the beginning, 0; one that has passed by counts as the newest */
  add(slot: number, second: number): void {
    if (slot >= this.#newest.length) this.#grow(slot)
    const newest = this.#newest[slot] as number
    const base = slot * keptSeconds
    if (second > newest) {
      this.#clear(base, newest, second)
      this.#newest[slot] = second
    }
    const at = base + (Math.max(second, newest) % keptSeconds)
    this.#counts[at] = (this.#counts[at] as number) + 1
  }

  /** How many a second there were in the last five whole ones, or in those since the beginning. */
  rate(slot: number, second: number): number {
    let sum = 0
    for (let back = 1; back <= rateSeconds; back++) sum += this.#at(slot, second - back)
    return sum / Math.max(1, Math.min(rateSeconds, second))
  }

  /** Of each of the last whole seconds, the newest last. */
  history(slot: number, second: number): number[] {
    return Array.from({ length: keptSeconds - 1 }, (_, i) => this.#at(slot, second - keptSeconds + 1 + i))
  }

  #at(slot: number, second: number): number {
    const newest = this.#newest[slot] ?? 0
    if (second > newest || second <= newest - keptSeconds || second < 0) return 0
    return this.#counts[slot * keptSeconds + (second % keptSeconds)] ?? 0
  }

  #clear(base: number, from: number, to: number): void {
    if (to - from >= keptSeconds) {
      this.#counts.fill(0, base, base + keptSeconds)
      return
    }
    for (let second = from + 1; second <= to; second++) this.#counts[base + (second % keptSeconds)] = 0
  }

  #grow(slot: number): void {
    const size = Math.max(1024, 2 ** Math.ceil(Math.log2(slot + 1)))
    const counts = new Uint32Array(size * keptSeconds)
    counts.set(this.#counts)
    const newest = new Int32Array(size)
    newest.set(this.#newest)
    this.#counts = counts
    this.#newest = newest
  }
}
