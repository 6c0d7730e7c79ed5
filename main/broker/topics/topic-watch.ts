import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter, type Event } from '../../../app/base/emitter.ts'
import type {
  PublishedSnapshot,
  TopicCounts,
  TopicDetail,
  TopicPage,
  TopicQuery,
  TopicRow,
  Topics,
} from '../../../app/session/topic-snapshot.ts'
import type { Retained } from '../engine/retained.ts'
import type { RoutedMessage } from '../engine/routed-message.ts'
import { keptSeconds, RateBook } from './rate-book.ts'
import { inSlices } from './slices.ts'
import { type TopicNode, TopicNodes } from './topic-nodes.ts'
import { topicSearch } from './topic-search.ts'
import { treeWindow } from './tree-window.ts'

/** Topics that are told apart, and levels of all of them together. */
const mostTopics = 100_000
const mostNodes = 400_000
/** Octets that are kept of a payload, and of all of them together; what is over that keeps the first few of each. */
const mostPayload = 16 * 1024
const mostOctets = 64 * 1024 * 1024
const fewOctets = 64
/** Octets of a payload that a line shows. */
const previewOctets = 96
/** Retained messages that are taken in at once when the watching begins. */
const takenAtOnce = 2000
/** For how long what was found is good although new topics have come: to look through all of them takes a while. */
const foundForMs = 2000
/** How often those who listen are told, in milliseconds. */
const tellEvery = 500

/** What was published under one Topic Name, without what is below. */
interface Newest {
  /** Numbers them from 0. */
  readonly slot: number
  messages: number
  last: Kept
  previous: Kept | undefined
}

/** A message that is kept. Used again for the one after the next: at full speed nothing is allocated. */
type Kept = { -readonly [K in keyof PublishedSnapshot]: PublishedSnapshot[K] }

/**
 * Every topic with its last messages, how many there were and how many a second. Nothing is done until somebody asks for
 * the first time; from then on each message costs one look-up, a copy of its payload, and a count for each of its levels.
 */
export class TopicWatch implements Topics, Disposable {
  readonly #clock: Clock
  readonly #published: Event<RoutedMessage>
  readonly #retained: Retained
  readonly #changed = new Emitter<TopicCounts>()
  readonly #nodes: TopicNodes
  readonly #newest = new Map<TopicNode, Newest>()
  /** By node, with all below; and by topic alone. */
  readonly #rates = new RateBook()
  readonly #ownRates = new RateBook()
  #since: number | undefined
  #lastFound:
    | { readonly search: string; readonly nodes: readonly TopicNode[]; readonly of: number; readonly at: number }
    | undefined
  #octets = 0
  #over = 0
  #watching: Disposable | undefined
  #taking: Disposable | undefined
  #telling: Disposable | undefined

  /** At most twice a second while messages come, and until their rates have gone down again. */
  readonly onChanged = this.#changed.event

  constructor(options: {
    readonly clock: Clock
    readonly published: Event<RoutedMessage>
    readonly retained: Retained
    readonly mostTopics?: number
  }) {
    this.#clock = options.clock
    this.#published = options.published
    this.#retained = options.retained
    this.#nodes = new TopicNodes(options.mostTopics ?? mostTopics, mostNodes)
  }

  counts(): TopicCounts {
    const since = this.#begin()
    const { messages, topics } = this.#nodes.root
    const rate = this.#rateOf(this.#nodes.root)
    const { own, size: retained } = this.#retained
    return { since, topics, retained, ownRetained: own.size, messages, rate, over: this.#over }
  }

  page(query: TopicQuery, isWanted: () => boolean): Promise<TopicPage | undefined> {
    this.#begin()
    return inSlices(this.#clock, query.search === '' ? this.#tree(query) : this.#found(query), isWanted)
  }

  show(topic: string): TopicDetail | undefined {
    this.#begin()
    const node = this.#nodes.get(topic)
    const retained = this.#retainedOf(topic)
    if (node === undefined && retained === undefined) return undefined
    const newest = node && this.#newest.get(node)
    const second = this.#second()
    return {
      topic,
      messages: newest?.messages ?? 0,
      rate: newest === undefined ? 0 : this.#ownRates.rate(newest.slot, second),
      history: newest === undefined ? [] : this.#ownRates.history(newest.slot, second),
      last: newest && copyOf(newest.last),
      previous: newest?.previous && copyOf(newest.previous),
      retained: retained && copyOf(snapshotOf(retained)),
    }
  }

  dispose(): void {
    this.#watching?.dispose()
    this.#taking?.dispose()
    this.#telling?.dispose()
    this.#changed.dispose()
  }

  // ── watching

  #begin(): number {
    if (this.#since === undefined) {
      this.#since = this.#clock.now()
      this.#watching = this.#published((message) => this.#take(message))
      this.#takeRetained(this.#retained.all(), 0)
    }
    return this.#since
  }

  /** A part at a time: there may be very many, and others want their turn. */
  #takeRetained(all: readonly RoutedMessage[], from: number): void {
    const end = Math.min(all.length, from + takenAtOnce)
    for (let i = from; i < end; i++) this.#nodes.open((all[i] as RoutedMessage).topic)
    if (end < all.length) this.#taking = this.#clock.after(0, () => this.#takeRetained(all, end))
  }

  #take(message: RoutedMessage): void {
    const now = this.#clock.now()
    const second = this.#secondOf(now)
    const node = this.#nodes.get(message.topic) ?? this.#nodes.open(message.topic)
    if (node === undefined) {
      this.#over++
      this.#count(this.#nodes.root, now, second)
    } else {
      for (let at: TopicNode | undefined = node; at !== undefined; at = at.parent) this.#count(at, now, second)
      this.#ownRates.add(this.#keep(node, message, now), second)
    }
    if (this.#telling === undefined && this.#changed.hasListeners) this.#tellSoon()
  }

  #count(node: TopicNode, now: number, second: number): void {
    node.messages++
    node.time = now
    this.#rates.add(node.slot, second)
  }

  /** @returns the slot of the topic */
  #keep(node: TopicNode, message: RoutedMessage, now: number): number {
    const newest = this.#newest.get(node)
    const kept = this.#fill(newest?.previous, message, now)
    if (newest === undefined) {
      const slot = this.#newest.size
      this.#newest.set(node, { slot, messages: 1, last: kept, previous: undefined })
      return slot
    }
    newest.messages++
    newest.previous = newest.last
    newest.last = kept
    return newest.slot
  }

  /** A copy of the payload: the octets that it came in are many more. */
  #fill(spare: Kept | undefined, message: RoutedMessage, now: number): Kept {
    const { origin, payload, qos, retain } = message
    const length = Math.min(payload.length, this.#octets > mostOctets ? fewOctets : mostPayload)
    const kept = spare ?? { ...snapshotOf(message), payload: new Uint8Array() }
    if (kept.payload.length !== length) {
      this.#octets += length - kept.payload.length
      kept.payload = new Uint8Array(length)
    }
    kept.payload.set(length === payload.length ? payload : payload.subarray(0, length))
    kept.payloadLength = payload.length
    kept.qos = qos
    kept.retain = retain
    kept.publisher = origin.clientId
    kept.will = origin.kind === 'will'
    kept.time = now
    return kept
  }

  #tellSoon(): void {
    this.#telling = this.#clock.after(tellEvery, () => {
      this.#telling = undefined
      if (!this.#changed.hasListeners) return
      const quietMs = this.#clock.now() - this.#nodes.root.time
      if (quietMs < (keptSeconds + 1) * 1000) this.#tellSoon()
      this.#changed.fire(this.counts())
    })
  }

  // ── looking

  *#tree({ open, from, limit }: TopicQuery): Generator<undefined, TopicPage> {
    yield* this.#nodes.root.sorting()
    for (const path of open) yield* this.#nodes.find(path)?.sorting() ?? []
    const { nodes, total } = treeWindow(this.#nodes, open, from, limit)
    const opened = new Set(open)
    return { rows: nodes.map((node) => this.#row(node, opened.has(node.path))), total }
  }

  *#found({ from, limit, search }: TopicQuery): Generator<undefined, TopicPage> {
    const nodes = yield* this.#search(search)
    const rows = nodes
      .slice(from, from + limit)
      .map((node) => ({ ...this.#row(node, false), level: node.path, depth: 0, children: 0 }))
    return { rows, total: nodes.length }
  }

  *#search(search: string): Generator<undefined, readonly TopicNode[]> {
    const { topics } = this.#nodes.root
    const now = this.#clock.now()
    const last = this.#lastFound
    if (last?.search === search && (last.of === topics || now - last.at < foundForMs)) return last.nodes
    const nodes = yield* this.#nodes.select(topicSearch(search))
    this.#lastFound = { search, nodes, of: topics, at: now }
    return nodes
  }

  #row(node: TopicNode, open: boolean): TopicRow {
    const { children, depth, level, messages, time, topic, topics } = node
    const retained = topic === undefined ? undefined : this.#retainedOf(topic)
    const shown = this.#newest.get(node)?.last ?? retained
    return {
      path: node.path,
      level,
      depth,
      children: children.size,
      open: open && children.size > 0,
      topics,
      messages,
      rate: this.#rateOf(node),
      retained: retained !== undefined,
      payload: shown && new Uint8Array(shown.payload.subarray(0, previewOctets)),
      payloadLength: shown === undefined ? 0 : 'payloadLength' in shown ? shown.payloadLength : shown.payload.length,
      time: time === 0 ? undefined : time,
    }
  }

  #retainedOf(topic: string): RoutedMessage | undefined {
    return this.#retained.match(topic, this.#clock.now())[0]
  }

  #second(): number {
    return this.#secondOf(this.#clock.now())
  }

  /** Seconds since the watching began. */
  #secondOf(now: number): number {
    return Math.max(0, Math.floor((now - (this.#since ?? now)) / 1000))
  }

  #rateOf({ slot }: TopicNode): number {
    return this.#rates.rate(slot, this.#second())
  }
}

/** Its payload is the message's own. */
function snapshotOf({ origin, payload, qos, retain }: RoutedMessage): PublishedSnapshot {
  return {
    payload,
    payloadLength: payload.length,
    qos,
    retain,
    publisher: origin.clientId,
    will: origin.kind === 'will',
    time: undefined,
  }
}

/** What is given away does not change any more. */
function copyOf(message: PublishedSnapshot): PublishedSnapshot {
  return { ...message, payload: new Uint8Array(message.payload.subarray(0, mostPayload)) }
}
