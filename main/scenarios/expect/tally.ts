import type { MessageMatch, SeenMessage } from '../../../app/scenario/match-message.ts'
import type { Source } from './arrivals.ts'

/**
 * Finds messages for patterns, as they come: `times` messages for each pattern, in any order or in that of the patterns.
 * No message counts for two of them.
 */
export class Tally {
  readonly #patterns: readonly MessageMatch[]
  readonly #times: number
  readonly #inOrder: boolean
  readonly #source: Source
  /** For each pattern the numbers of its messages. In order: all of them are in the first. */
  #found: number[][] = []
  #next = 0
  #unseen = 0
  #takenBefore = 0
  /** Messages that fit a pattern, wanted or not. */
  #fitting: number[] = []
  #matched = 0

  constructor(source: Source, patterns: readonly MessageMatch[], times: number, inOrder: boolean) {
    this.#source = source
    this.#patterns = patterns
    this.#times = times
    this.#inOrder = inOrder
    this.#restart()
  }

  /** Takes in what has come since. */
  update(): void {
    const { log, taken } = this.#source
    // Somebody else has received some of it meanwhile.
    if (taken.size !== this.#takenBefore) this.#restart()
    this.#unseen += Math.max(0, log.oldest - this.#next)
    for (this.#next = Math.max(this.#next, log.oldest); this.#next < log.next; this.#next++) {
      const message = this.#messageAt(this.#next)
      if (message === undefined || taken.has(this.#next)) continue
      const fits = this.#patterns.flatMap((pattern, i) => (pattern.fits(message) ? [i] : []))
      if (fits.length > 0) this.#add(this.#next, fits)
    }
  }

  /** Messages that were forgotten before they could be looked at: they may have fitted. */
  get unseen(): number {
    return this.#unseen
  }

  get isComplete(): boolean {
    return this.#matched === this.#wanted
  }

  /** Messages that fit, and are more than what is wanted of their kind. */
  get isExceeded(): boolean {
    // In order one that comes too early is no surplus yet.
    return this.#inOrder ? this.#fitting.length > this.#wanted : this.#fitting.length > this.#matched
  }

  /** Messages that count, the oldest first. */
  get matched(): number[] {
    return this.#found.flat().sort((a, b) => a - b)
  }

  get fitting(): readonly number[] {
    return this.#fitting
  }

  /** The first pattern that has not all its messages. */
  get missing(): number | undefined {
    if (this.isComplete) return undefined
    if (this.#inOrder) return this.#matched % this.#patterns.length
    return this.#found.findIndex(({ length }) => length < this.#times)
  }

  get #wanted(): number {
    return this.#patterns.length * this.#times
  }

  #restart(): void {
    this.#takenBefore = this.#source.taken.size
    this.#found = this.#patterns.map(() => [])
    this.#fitting = []
    this.#matched = 0
    this.#next = this.#source.from
    this.#unseen = 0
  }

  #messageAt(number: number): SeenMessage | undefined {
    const message = this.#source.log.at(number)?.message
    return message !== undefined && this.#source.belongs(message) ? message : undefined
  }

  #add(number: number, fits: readonly number[]): void {
    this.#fitting.push(number)
    if (this.isComplete) return
    if (!this.#inOrder) {
      if (this.#place(number, fits, new Set())) this.#matched += 1
    } else if (fits.includes(this.#matched % this.#patterns.length)) {
      this.#found[0]?.push(number)
      this.#matched += 1
    }
  }

  /** Gives the message to a pattern that wants one more; others go over to another pattern for it where that helps. */
  #place(number: number, fits: readonly number[], tried: Set<number>): boolean {
    for (const pattern of fits) {
      const found = this.#found[pattern]
      if (found === undefined || tried.has(pattern)) continue
      tried.add(pattern)
      if (found.length < this.#times) {
        found.push(number)
        return true
      }
      for (const [at, other] of found.entries()) {
        if (!this.#place(other, this.#fitsOf(other, pattern), tried)) continue
        found[at] = number
        return true
      }
    }
    return false
  }

  #fitsOf(number: number, but: number): number[] {
    const message = this.#messageAt(number)
    if (message === undefined) return []
    return this.#patterns.flatMap((pattern, i) => (i !== but && pattern.fits(message) ? [i] : []))
  }
}
