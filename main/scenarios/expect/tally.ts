import type { MessageMatch, SeenMessage } from '../../../app/scenario/match-message.ts'
import type { Source } from './arrivals.ts'
import { LowestFirst } from './lowest-first.ts'

/** The patterns that a message fits, as their numbers: the same list for all that fit the same ones. */
type Kind = readonly number[]

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
  /** For each pattern where in its list the messages of each kind are: one can stand for all of its kind. */
  #places: Map<Kind, LowestFirst>[] = []
  #kinds = new Map<string, Kind>()
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
      if (fits.length > 0) this.#add(this.#next, this.#kindOf(fits))
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
    this.#places = this.#patterns.map(() => new Map())
    this.#kinds = new Map()
    this.#fitting = []
    this.#matched = 0
    this.#next = this.#source.from
    this.#unseen = 0
  }

  #messageAt(number: number): SeenMessage | undefined {
    const message = this.#source.log.at(number)?.message
    return message !== undefined && this.#source.belongs(message) ? message : undefined
  }

  #kindOf(fits: Kind): Kind {
    const key = fits.join()
    const known = this.#kinds.get(key)
    if (known === undefined) this.#kinds.set(key, fits)
    return known ?? fits
  }

  #add(number: number, kind: Kind): void {
    this.#fitting.push(number)
    if (this.isComplete) return
    if (!this.#inOrder) {
      if (this.#place(number, kind, new Set())) this.#matched += 1
    } else if (kind.includes(this.#matched % this.#patterns.length)) {
      this.#found[0]?.push(number)
      this.#matched += 1
    }
  }

  /**
   * Gives the message to a pattern that wants one more; others go over to another pattern for it where that helps. The first
   * of each kind is tried: where it finds no other pattern, none of its kind does.
   */
  #place(number: number, kind: Kind, tried: Set<number>): boolean {
    for (const pattern of kind) {
      const [found, places] = [this.#found[pattern], this.#places[pattern]]
      if (found === undefined || places === undefined || tried.has(pattern)) continue
      tried.add(pattern)
      if (found.length < this.#times) {
        put(places, kind, found.length)
        found.push(number)
        return true
      }
      for (const [otherKind, { lowest }] of [...places].sort(([, a], [, b]) => a.lowest - b.lowest)) {
        const other = found[lowest]
        if (other === undefined || !this.#place(other, otherKind, tried)) continue
        takeFirst(places, otherKind)
        put(places, kind, lowest)
        found[lowest] = number
        return true
      }
    }
    return false
  }
}

function put(places: Map<Kind, LowestFirst>, kind: Kind, place: number): void {
  const its = places.get(kind) ?? new LowestFirst()
  places.set(kind, its)
  its.push(place)
}

function takeFirst(places: Map<Kind, LowestFirst>, kind: Kind): void {
  const its = places.get(kind)
  its?.pop()
  if (its?.size === 0) places.delete(kind)
}
