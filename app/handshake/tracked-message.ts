import type { QoS } from '../mqtt/control-packet.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import type { Awaited } from './awaited.ts'
import type { ExchangeState, MeasurableMessage, Message, MessageState } from './message.ts'
import { remarkOf } from './remarks.ts'
import { type MessageDigest, mostDeliveries, summarizeMessage } from './summary.ts'
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
  /** The broker that it came to; empty for the workbench's own. */
  readonly target: string
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
  /** The broker that it goes through; empty for the workbench's own. A client may be at another one later. */
  target: string
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
  awaited: Awaited | undefined
  /** It is in the list of those that have changed. */
  changed = false
  /** Somebody was told of it, and wants to know when it is forgotten. */
  told = false
  forgotten = false
  /** As long as nothing changes. */
  #summary: MessageDigest | undefined

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
    this.target = options.owner?.target ?? ''
    this.startedAt = options.startedAt
    this.note = options.note ?? ''
  }

  /** It did not come to the broker: nobody is going to get it. */
  expectNobody(): void {
    this.awaited = undefined
  }

  /** Nothing more is to come. */
  get finished(): boolean {
    if (this.awaited !== undefined && this.awaited.left > 0) return false
    if (this.publisher !== undefined && !this.publisher.finished) return false
    return this.subscribers.every(({ finished }) => finished)
  }

  /** Nothing more is to come, or nobody can know: records are missing that may have ended it. */
  get expendable(): boolean {
    if (this.awaited !== undefined && this.awaited.left > 0 && !this.awaited.unsure) return false
    if (this.publisher !== undefined && !this.publisher.expendable) return false
    return this.subscribers.every(({ expendable }) => expendable)
  }

  /** Records are missing here; gives whether that matters to this message. */
  miss(): boolean {
    let matters = false
    if (this.awaited !== undefined && this.awaited.left > 0 && !this.awaited.unsure)
      matters = this.awaited.unsure = true
    for (const exchange of this.exchanges) if (exchange.miss()) matters = true
    return matters
  }

  /** All of them, the publisher's first. */
  get exchanges(): readonly TrackedExchange[] {
    return this.publisher === undefined ? this.subscribers : [this.publisher, ...this.subscribers]
  }

  /** With copies of all its steps. */
  snapshot(): Message {
    const about = this.#about()
    const publisher = this.publisher?.snapshot()
    const subscribers = this.subscribers.map((exchange) => exchange.snapshot())
    return { ...about, payload: this.payload, publisher, subscribers }
  }

  /** As it is now: nothing of it is copied. */
  measurable(): MeasurableMessage {
    if (this.publisher?.qos === 2) this.#believeNumbers(this.publisher)
    return this
  }

  /** What a list shows of it. */
  summary(): MessageDigest {
    const { publisher, subscribers } = this
    this.#summary ??= summarizeMessage({ ...this.#about(), publisher, subscribers })
    return this.#summary
  }

  /** It has changed, or somebody's name is known now. */
  touch(): void {
    this.#summary = undefined
  }

  #about() {
    if (this.publisher?.qos === 2) this.#believeNumbers(this.publisher)
    const { id, topic, qos, retain, origin, startedAt, exchanges } = this
    const state = stateOf(exchanges, this.subscribers, this.awaited !== undefined && this.awaited.left > 0)
    const match: Message['match'] = this.likely ? 'likely' : 'certain'
    const duration = this.finished ? durationOf(exchanges, startedAt) : 0
    const remark = remarkOf(state, this)
    return {
      id,
      topic,
      qos,
      retain,
      origin,
      publisherId: this.owner?.clientId,
      match,
      target: this.target,
      state,
      remark,
      startedAt,
      duration,
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

const order: Readonly<Record<ExchangeState, number>> = { complete: 0, waiting: 1, refused: 2, lost: 3, held: 4 }

function stateOf(
  all: readonly TrackedExchange[],
  subscribers: readonly TrackedExchange[],
  queued: boolean,
): MessageState {
  let worst: ExchangeState = 'complete'
  for (const { state } of all) if (order[state] > order[worst]) worst = state
  if (worst !== 'complete' && worst !== 'waiting') return worst
  if (mostDeliveries(subscribers) > 1) return 'delivered again'
  return queued ? 'queued' : worst
}

function durationOf(exchanges: readonly TrackedExchange[], startedAt: number): number {
  let last = startedAt
  for (const { endedAt } of exchanges) if (endedAt !== undefined && endedAt > last) last = endedAt
  return last - startedAt
}
