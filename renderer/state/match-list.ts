/** How many record numbers share one count of what is left out. */
const bucketSize = 1000
/** Room at the front that is worth giving back. */
const worthCutting = 50_000

/**
 * Ascending record numbers that grow at both ends, by position. A position stays with its number: the newer ones come at
 * 1, 2, 3, …, the older ones at 0, -1, -2, … Above a limit the oldest are left out, and counted.
 */
export class MatchList {
  readonly #most: number
  /** The older ones, descending. */
  #older: number[] = []
  /** The newer ones, ascending; those before `#head` are gone. */
  #newer: number[] = []
  #head = 0
  /** How many were cut off the front of `#newer`. */
  #cut = 0
  #leftOut = new Map<number, number>()
  #leftOutTotal = 0
  /** Records below this number are gone. */
  #from = 0

  constructor(most: number) {
    this.#most = most
  }

  get count(): number {
    return this.#older.length + this.#newer.length - this.#head
  }

  /** Position of the oldest; one more than `last` where there is none. */
  get first(): number {
    return this.#older.length > 0 ? 1 - this.#older.length : 1 + this.#cut + this.#head
  }

  get last(): number {
    return this.#cut + this.#newer.length
  }

  /** Older ones that there was no room for, exact to a thousand record numbers. */
  get leftOut(): number {
    return this.#leftOutTotal
  }

  numberAt(position: number): number | undefined {
    if (position < this.first) return undefined
    return position > 0 ? this.#newer[position - 1 - this.#cut] : this.#older[-position]
  }

  /** The position of the first that is this number or higher; one more than `last` where there is none. */
  positionOf(number: number): number {
    let low = this.first
    let high = this.last + 1
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((this.numberAt(middle) ?? Number.POSITIVE_INFINITY) < number) low = middle + 1
      else high = middle
    }
    return low
  }

  /** @param number is higher than all that are here. */
  addNewer(number: number): void {
    this.#newer.push(number)
    if (this.count <= this.#most) return
    const oldest = this.numberAt(this.first)
    if (oldest === undefined) return
    this.#dropFirst()
    this.#leaveOut(oldest)
  }

  /** @param numbers ascending, all lower than those that are here. */
  addOlder(numbers: readonly number[]): void {
    for (let i = numbers.length - 1; i >= 0; i--) {
      const number = numbers[i] as number
      // A search may answer about records that have left meanwhile; behind one that is gone nothing can be kept.
      if (number < this.#from) return
      if (this.count < this.#most && this.#leftOutTotal === 0) this.#older.push(number)
      else this.#leaveOut(number)
    }
  }

  /** Records below this number are gone. */
  dropBefore(number: number): void {
    while (this.count > 0 && (this.numberAt(this.first) ?? number) < number) this.#dropFirst()
    const bucket = Math.floor(number / bucketSize)
    const before = Math.floor(this.#from / bucketSize)
    this.#from = Math.max(this.#from, number)
    if (bucket <= before) return
    for (const [key, count] of this.#leftOut) {
      if (key >= bucket) continue
      this.#leftOut.delete(key)
      this.#leftOutTotal -= count
    }
  }

  #dropFirst(): void {
    if (this.#older.length > 0) {
      this.#older.pop()
      return
    }
    this.#head++
    if (this.#head < worthCutting || this.#head < this.#newer.length / 2) return
    this.#newer = this.#newer.slice(this.#head)
    this.#cut += this.#head
    this.#head = 0
  }

  #leaveOut(number: number): void {
    const bucket = Math.floor(number / bucketSize)
    this.#leftOut.set(bucket, (this.#leftOut.get(bucket) ?? 0) + 1)
    this.#leftOutTotal++
  }
}
