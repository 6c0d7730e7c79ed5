import type { UnkeptTimes } from '../../app/scenario/thresholds.ts'

/** Of so many times of each kind the run keeps every one: 8 MiB. */
const mostTimes = 1_000_000

/** Times in milliseconds. Of very many the first are kept, and of the others only how many there were, their sum and their ends. */
export class Times {
  readonly kept: number[]
  readonly #most: number
  #others: UnkeptTimes | undefined

  constructor(most = mostTimes) {
    this.kept = []
    this.#most = most
  }

  /** Of those that were not kept; undefined where all were. */
  get others(): UnkeptTimes | undefined {
    return this.#others
  }

  add(ms: number): void {
    if (this.kept.length < this.#most) {
      this.kept.push(ms)
      return
    }
    const { count, max, min, sum } = this.#others ?? { count: 0, max: ms, min: ms, sum: 0 }
    this.#others = { count: count + 1, sum: sum + ms, min: Math.min(min, ms), max: Math.max(max, ms) }
  }

  copy(): Times {
    const copy = new Times(this.#most)
    for (const ms of this.kept) copy.kept.push(ms)
    copy.#others = this.#others
    return copy
  }
}
