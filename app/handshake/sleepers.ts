import { Awaited, Nap, type Sleeper } from './awaited.ts'
import type { MessageStore } from './message-store.ts'
import { TopicTree } from './topic-tree.ts'
import type { TrackedMessage } from './tracked-message.ts'

/** Names that are kept of those that wait for one message; the others are counted. */
const mostNamed = 8
/** Topics of which is kept who waits for them. */
const mostTopics = 1000
/** Of times of absence with something still to come, so many are kept for one client. */
const mostNaps = 4
/** How long the answer to whether something is still to come holds, in nanoseconds. */
const answerHolds = 10e9

interface Waiting {
  readonly version: number
  readonly count: number
  readonly some: readonly Sleeper[]
}

/**
 * Who waits for which message, without a list of either: of a client is kept when it was away and what it had subscribed
 * to, of a message when it came and for how many. Memory grows with their sum, not with their product.
 */
export class Sleepers {
  readonly #store: MessageStore
  /** By broker: one queues nothing for another's clients. */
  readonly #trees = new Map<string, TopicTree<Sleeper>>()
  readonly #topics = new Map<string, Waiting>()
  /** Grows with everybody that comes or goes. */
  #version = 0
  #count = 0

  constructor(store: MessageStore) {
    this.#store = store
  }

  /** Its client is gone; messages to these topics are queued. */
  sleeps(sleeper: Sleeper, filters: readonly string[]): void {
    if (filters.length === 0) return
    if (sleeper.naps.length >= mostNaps) this.#shorten(sleeper)
    const known = sleeper.naps.at(-1)?.filters
    const same = known?.length === filters.length && known.every((filter, i) => filter === filters[i])
    sleeper.naps = [...sleeper.naps, new Nap(this.#count, same ? known : filters)]
    for (const filter of filters) this.#treeOf(sleeper.target).add(filter, sleeper)
    this.#version += 1
  }

  /** Its client is back. */
  wakes(sleeper: Sleeper): void {
    const nap = sleeper.naps.at(-1)
    if (nap === undefined || nap.last !== Number.POSITIVE_INFINITY) return
    nap.last = this.#count
    const tree = this.#treeOf(sleeper.target)
    for (const filter of nap.filters) tree.delete(filter, sleeper)
    if (tree.size === 0) this.#trees.delete(sleeper.target)
    this.#version += 1
    if (nap.after === nap.last) sleeper.naps = sleeper.naps.slice(0, -1)
    sleeper.owedAt = Number.NEGATIVE_INFINITY
  }

  /** The broker was given the message: those that are not connected get it when they are. */
  expect(message: TrackedMessage): void {
    if (!this.#trees.has(message.target) || (message.awaited !== undefined && message.awaited.left > 0)) return
    const { count, some } = this.#waitingFor(message.target, message.topic)
    if (count === 0) return
    this.#count += 1
    message.awaited = new Awaited(this.#count, count, some)
  }

  /** What waits for it will not be sent. */
  giveUp(sleeper: Sleeper): void {
    for (const message of this.#owed(sleeper)) this.#expectsNoMore(message)
    sleeper.naps = []
  }

  /** Whether something is still to come to it, as was found out less than 10 s before `time`. */
  owes(sleeper: Sleeper, time: number): boolean {
    if (sleeper.naps.length === 0) return false
    if (time - sleeper.owedAt < answerHolds) return sleeper.owed
    sleeper.owed = this.#owed(sleeper).length > 0
    sleeper.owedAt = time
    return sleeper.owed
  }

  #owed(sleeper: Sleeper): TrackedMessage[] {
    const first = sleeper.naps[0]?.after ?? this.#count
    if (first === this.#count) return []
    const owed: TrackedMessage[] = []
    for (const message of this.#store.all()) {
      const { awaited } = message
      if (message.target !== sleeper.target) continue
      if (awaited !== undefined && awaited.count > first && awaited.has(sleeper, message.topic)) owed.push(message)
    }
    return owed
  }

  /** Leaves out naps of which nothing is to come, or else the oldest. */
  #shorten(sleeper: Sleeper): void {
    const owed = this.#owed(sleeper)
    const covers = (nap: Nap) => owed.some(({ awaited, topic }) => awaited && nap.covers(awaited.count, topic))
    const naps = sleeper.naps.filter(covers)
    const oldest = naps.length < mostNaps ? undefined : naps.shift()
    sleeper.naps = naps
    if (oldest === undefined) return
    for (const message of owed) {
      const { awaited, topic } = message
      if (awaited && oldest.covers(awaited.count, topic)) this.#expectsNoMore(message)
    }
  }

  /** One that has waited for it waits no more; which one it was, its naps tell. */
  #expectsNoMore(message: TrackedMessage): void {
    if (message.awaited) message.awaited.left -= 1
    this.#store.touch(message)
  }

  #treeOf(target: string): TopicTree<Sleeper> {
    let tree = this.#trees.get(target)
    if (tree === undefined) {
      tree = new TopicTree()
      this.#trees.set(target, tree)
    }
    return tree
  }

  #waitingFor(target: string, topic: string): Waiting {
    const key = `${target}\0${topic}`
    const known = this.#topics.get(key)
    if (known !== undefined && known.version === this.#version) return known
    const { count, some } = this.#treeOf(target).match(topic, mostNamed)
    const waiting = { version: this.#version, count, some }
    if (this.#topics.size >= mostTopics) this.#topics.clear()
    this.#topics.set(key, waiting)
    return waiting
  }
}
