import { matchesTopic } from './topic-tree.ts'

/** A time during which messages are queued for a client that is not connected. */
export class Nap {
  /** In it is what came to the broker after the first and not after the last of these, counted by `Sleepers`. */
  readonly after: number
  last = Number.POSITIVE_INFINITY
  readonly filters: readonly string[]
  /** The last answer: the next question is mostly about the same topic. */
  #topic: string | undefined
  #matches = false

  constructor(after: number, filters: readonly string[]) {
    this.after = after
    this.filters = filters
  }

  covers(count: number, topic: string): boolean {
    if (count <= this.after || count > this.last) return false
    if (this.#topic === topic) return this.#matches
    this.#topic = topic
    this.#matches = this.filters.some((filter) => matchesTopic(filter, topic))
    return this.#matches
  }
}

/** A client that may get a message later. */
export abstract class Sleeper {
  abstract readonly clientId: string
  /** The broker that it is at; empty for the workbench's own. */
  abstract readonly target: string
  /** The newest is the last; without those for which nothing is to come any more. */
  naps: readonly Nap[] = []
  owed = false
  owedAt = Number.NEGATIVE_INFINITY
}

/** Clients that were not connected when a message came, and will get it. */
export class Awaited {
  /** Which message this was, among those that somebody waits for. */
  readonly count: number
  /** How many are still to get it. */
  left: number
  /** Some of all of them; messages share the list. */
  readonly some: readonly Sleeper[]
  /** Records are missing: some may have got it. */
  unsure = false
  #served: Set<Sleeper> | undefined

  constructor(count: number, left: number, some: readonly Sleeper[]) {
    this.count = count
    this.left = left
    this.some = some
  }

  has(sleeper: Sleeper, topic: string): boolean {
    if (this.left === 0 || this.#served?.has(sleeper) === true) return false
    for (const nap of sleeper.naps) if (nap.covers(this.count, topic)) return true
    return false
  }

  /** It has got the message. */
  serve(sleeper: Sleeper): void {
    this.#served ??= new Set()
    this.#served.add(sleeper)
    this.left -= 1
  }

  /** The only one that is left, where it can be told. */
  last(topic: string): Sleeper | undefined {
    return this.left === 1 ? this.some.find((sleeper) => this.has(sleeper, topic)) : undefined
  }
}
