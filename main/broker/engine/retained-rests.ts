import type { Subscription } from '../../../app/session/subscription.ts'
import type { RoutedMessage } from './routed-message.ts'

/** The retained messages of a Subscription, one after the other; undefined where a while was spent without finding any. */
export type RetainedSearch = Iterator<RoutedMessage | undefined, void>

/** Retained messages of a new Subscription for which there was no time in the turn in which it was granted. */
export interface RetainedRest {
  readonly subscription: Subscription
  readonly find: () => RetainedSearch
  /** Undefined until it is its turn. */
  search: RetainedSearch | undefined
  /** Was found, and could not be sent yet. */
  next: RoutedMessage | undefined
  /** What waited before: the ordinal of the newest. */
  readonly after: number
  /** They wait among the others, and nothing after them is sent before SUBACK is. */
  readonly isHeld: boolean
}

const mostReplaced = 64

/** Those of one Session, in the order in which they came. */
export class RetainedRests {
  readonly #byFilter = new Map<string, RetainedRest>()
  /** Not the map's own order: to find its first one takes time for all that were taken away before it. */
  #order: RetainedRest[] = []
  #head = 0
  #held: RetainedRest[] = []

  get size(): number {
    return this.#byFilter.size
  }

  get first(): RetainedRest | undefined {
    for (; this.#head < this.#order.length; this.#head++) {
      const rest = this.#order[this.#head] as RetainedRest
      if (this.#has(rest)) return rest
    }
    this.#order = []
    this.#head = 0
    return undefined
  }

  /** Replaces the one of the same filter, and comes last. */
  add(rest: RetainedRest): void {
    this.#byFilter.set(rest.subscription.filter, rest)
    this.#order.push(rest)
    if (rest.isHeld) this.#held.push(rest)
    if (this.#order.length > 2 * this.size + mostReplaced) this.#compact()
  }

  delete(filter: string): void {
    this.#byFilter.delete(filter)
    if (this.#byFilter.size === 0) this.clear()
  }

  /** Takes away those that were held. @returns whether there were any */
  deleteHeld(): boolean {
    const held = this.#held
    this.#held = []
    for (const rest of held) if (this.#has(rest)) this.delete(rest.subscription.filter)
    return held.length > 0
  }

  clear(): void {
    this.#byFilter.clear()
    this.#order = []
    this.#head = 0
  }

  /** A client may subscribe to the same again and again. */
  #compact(): void {
    this.#order = this.#order.slice(this.#head).filter((rest) => this.#has(rest))
    this.#head = 0
  }

  #has(rest: RetainedRest): boolean {
    return this.#byFilter.get(rest.subscription.filter) === rest
  }
}
