import type { QoS } from '../mqtt/control-packet.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import type { Exchange, Message, MessageState } from './message.ts'
import { remarkOf } from './remarks.ts'
import type { Named, Peer, TrackedExchange } from './tracked-exchange.ts'

/** So much of a payload is kept. */
export const mostPayload = 64 * 1024

/** What tells one Application Message from another, where nobody has numbered them. */
export interface Content {
  readonly topic: string
  /** The first part, at most `mostPayload` octets. */
  readonly payload: Uint8Array
  /** Octets of the whole payload. */
  readonly length: number
}

/** Whether the messages are equal, as far as they were kept. */
export function sameContent(a: Content, b: Content): boolean {
  if (a.length !== b.length || a.topic !== b.topic) return false
  const { payload } = a
  const other = b.payload
  const length = Math.min(payload.length, other.length)
  for (let i = 0; i < length; i++) if (payload[i] !== other[i]) return false
  return true
}

/** A message that the broker was given once: a PUBLISH that arrived, or a will. */
export interface Arrival extends Content {
  readonly message: TrackedMessage
  /** Undefined where nobody knows who published it. */
  readonly publisher: Peer | undefined
  readonly kind: Origin['kind']
  readonly qos: QoS
  readonly time: number
  /** The number of the record that tells of it. */
  readonly record: number
  /** Grows with every arrival, as the broker's own numbers do. */
  readonly ordinal: number
  /** The broker's number of it, once it is known. */
  origin: number | undefined
}

/** A client that may get a message later. */
export interface Subscriber extends Peer {
  readonly queue: Set<TrackedMessage>
}

/** One Application Message, as it grows. */
export class TrackedMessage implements Content {
  readonly id: number
  readonly topic: string
  readonly payload: Uint8Array
  readonly length: number
  readonly origin: Message['origin']
  /** Who published it, or left it as a will; undefined where nobody knows. */
  readonly owner: Named | undefined
  readonly startedAt: number
  /** What to say of it where nothing else is to be said. */
  readonly note: string
  qos: QoS
  retain: boolean
  publisher: TrackedExchange | undefined
  subscribers: TrackedExchange[] = []
  /** The broker's own numbers of it; more than one where it was published again. */
  origins: number[] = []
  /** Put together by a guess. */
  likely = false
  /** Each time that the broker was given it as a new message. */
  arrivals: Arrival[] = []
  /** How often a client was given it; only where that has to be known for guessing. */
  taken: Map<Peer, number> | undefined
  /** Clients that are not connected and will get it. */
  awaited: Set<Subscriber> | undefined
  /** It is in the list of those that have changed. */
  changed = false
  forgotten = false

  constructor(options: {
    readonly id: number
    readonly content: Content
    readonly qos: QoS
    readonly retain: boolean
    readonly origin: Message['origin']
    readonly owner: Named | undefined
    readonly startedAt: number
    readonly note?: string
  }) {
    const { content } = options
    this.id = options.id
    this.topic = content.topic
    // Copied, because the octets of a record are part of a much larger block.
    this.payload = content.payload.slice()
    this.length = content.length
    this.qos = options.qos
    this.retain = options.retain
    this.origin = options.origin
    this.owner = options.owner
    this.startedAt = options.startedAt
    this.note = options.note ?? ''
  }

  /** It did not come to the broker: nobody is going to get it. */
  expectNobody(): void {
    for (const { queue } of this.awaited ?? []) queue.delete(this)
    this.awaited = undefined
  }

  /** Nothing more is to come. */
  get finished(): boolean {
    if (this.awaited !== undefined && this.awaited.size > 0) return false
    if (this.publisher !== undefined && !this.publisher.finished) return false
    return this.subscribers.every(({ finished }) => finished)
  }

  snapshot(): Message {
    if (this.publisher?.qos === 2) this.#believeNumbers(this.publisher)
    const publisher = this.publisher?.snapshot()
    const subscribers = this.subscribers.map((exchange) => exchange.snapshot())
    const all = publisher === undefined ? subscribers : [publisher, ...subscribers]
    const awaited = [...(this.awaited ?? [])].map(({ clientId }) => clientId)
    const state = stateOf(all, subscribers, awaited.length > 0)
    const remark = remarkOf(state, { publisher, subscribers, awaited, note: this.note })
    return {
      id: this.id,
      topic: this.topic,
      payload: this.payload,
      qos: this.qos,
      retain: this.retain,
      origin: this.origin,
      publisherId: this.owner?.clientId,
      publisher,
      subscribers,
      match: this.likely ? 'likely' : 'certain',
      state,
      remark,
      startedAt: this.startedAt,
      duration: this.finished ? durationOf(all, this.startedAt) : 0,
    }
  }

  /**
   * aedes 1.2.0 says that there is no Session where it keeps one, if it has no subscriptions. Its numbers show whether it
   * has taken a message of QoS 2 for a new one again.
   */
  #believeNumbers(publisher: TrackedExchange): void {
    publisher.remembered = false
    const { length } = this.origins
    publisher.remembered = length > 0 && publisher.standing.deliveries > length
  }
}

function stateOf(all: readonly Exchange[], subscribers: readonly Exchange[], queued: boolean): MessageState {
  const states = new Set(all.map(({ state }) => state))
  for (const state of ['held', 'lost', 'refused'] as const) if (states.has(state)) return state
  if (mostDeliveries(subscribers) > 1) return 'delivered again'
  if (queued) return 'queued'
  return states.has('waiting') ? 'waiting' : 'complete'
}

/** The most often that one subscriber took a message as a new one, over all its exchanges. */
export function mostDeliveries(subscribers: readonly Exchange[]): number {
  let most = 0
  const counts = new Map<string, number>()
  for (const { clientId, deliveries, steps } of subscribers) {
    // Where no CONNECT was seen, its connection is all that is known of a client.
    const client = clientId === '' ? `\u0000${steps[0]?.connection}` : clientId
    const count = (counts.get(client) ?? 0) + deliveries
    counts.set(client, count)
    most = Math.max(most, count)
  }
  return most
}

function durationOf(exchanges: readonly Exchange[], startedAt: number): number {
  return Math.max(0, ...exchanges.map(({ endedAt }) => (endedAt ?? startedAt) - startedAt))
}
