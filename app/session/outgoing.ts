import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import { type SenderState, type SenderTransition, stepSender } from '../qos/sender.ts'
import { type ApplicationMessage, isExpired, messageSize } from './application-message.ts'
import type { ShareName } from './subscription.ts'

/** One copy of an Application Message, for one Session. */
export class Outgoing {
  /** Counts what a Session was ever given, from 1: the order in which it is sent. */
  readonly ordinal: number
  readonly message: ApplicationMessage
  readonly qos: QoS
  /** The RETAIN flag with which it is sent. */
  readonly retain: boolean
  readonly identifiers: readonly number[] | undefined
  /** By which it came; undefined where it came by none, and after a restart of the broker. */
  readonly share: ShareName | undefined
  /** Wall time at which it came, in milliseconds. */
  readonly since: number
  /** 0 until it is sent, and always at QoS 0. */
  packetId = 0
  state: SenderState = 'idle'
  /** How many times it was sent. */
  sends = 0

  constructor(
    ordinal: number,
    message: ApplicationMessage,
    how: {
      readonly qos: QoS
      readonly retain: boolean
      readonly identifiers: readonly number[] | undefined
      readonly share?: ShareName | undefined
    },
    since: number,
  ) {
    this.ordinal = ordinal
    this.message = message
    this.qos = how.qos
    this.retain = how.retain
    this.identifiers = how.identifiers
    this.share = how.share
    this.since = since
  }
}

/** A copy that came by a Shared Subscription. */
export type SharedOutgoing = Outgoing & { readonly share: ShareName }

const lastPacketId = 65_535
/** A queue that was long is not kept as long as that once this much of it, and half of it, was taken. */
const trimAfter = 1024

const publishAt1 = { type: 'publish', qos: 1 } as const
const publishAt2 = { type: 'publish', qos: 2 } as const
const positive = {
  PUBACK: { type: 'PUBACK', code: 0 },
  PUBREC: { type: 'PUBREC', code: 0 },
  PUBCOMP: { type: 'PUBCOMP', code: 0 },
} as const

/**
 * What a Session has for its client: messages that wait, and those of QoS 1 and 2 whose handshake is unfinished. Messages
 * leave in the order in which they came [MQTT-4.6.0-5, MQTT-4.6.0-6]. Pure: sends nothing, knows no time.
 */
export class OutgoingQueue {
  /** By Packet Identifier, in the order in which PUBLISH, or PUBREL where that is the next, was sent first. */
  readonly inflight = new Map<number, Outgoing>()
  #waiting: (Outgoing | undefined)[] = []
  #head = 0
  #octets = 0
  /** No message that waits expires before; wall time. */
  #nextExpiry = Number.POSITIVE_INFINITY
  #lastId = 0
  readonly #tally: QueueTally

  /** @param tally of all queues of the broker */
  constructor(tally: QueueTally = { octets: 0 }) {
    this.#tally = tally
  }

  /** Messages that were not sent yet. */
  get waiting(): number {
    return this.#waiting.length - this.#head
  }

  /** Octets of those that wait: payloads, topics and properties. */
  get waitingOctets(): number {
    return this.#octets - this.waiting * entryOverhead
  }

  /** What those that wait count for in limits; see `sizeOf`. */
  get waitingSize(): number {
    return this.#octets
  }

  /** What waits in all queues of the broker, counted the same way. */
  get allSize(): number {
    return this.#tally.octets
  }

  /** The oldest one that waits. */
  get next(): Outgoing | undefined {
    return this.#waiting[this.#head]
  }

  /** Everything that waits, the oldest first. */
  *waitingMessages(): Generator<Outgoing> {
    for (let at = this.#head; at < this.#waiting.length; at++) yield this.#waiting[at] as Outgoing
  }

  /** Messages of QoS 1 and 2 that wait and were not sent yet. */
  get assured(): number {
    let count = 0
    for (const { qos } of this.waitingMessages()) if (qos > 0) count++
    return count
  }

  add(outgoing: Outgoing): void {
    this.#waiting.push(outgoing)
    this.#count(sizeOf(outgoing))
    this.#nextExpiry = Math.min(this.#nextExpiry, outgoing.message.expiresAt ?? Number.POSITIVE_INFINITY)
  }

  /**
   * Takes the next one that may be sent now.
   *
   * @param window how many handshakes may be unfinished at a time, 1 to 65,535 [MQTT-3.3.4-9]
   */
  take(window: number): Outgoing | undefined {
    const next = this.#waiting[this.#head]
    if (next === undefined || (next.qos > 0 && this.inflight.size >= window)) return undefined
    return this.drop()
  }

  /** Removes the oldest one that waits. */
  drop(): Outgoing | undefined {
    const oldest = this.#waiting[this.#head]
    if (oldest === undefined) return undefined
    this.#waiting[this.#head++] = undefined
    this.#count(-sizeOf(oldest))
    if (this.#head === this.#waiting.length) {
      this.#waiting = []
      this.#head = 0
    } else if (this.#head > trimAfter && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head)
      this.#head = 0
    }
    return oldest
  }

  /**
   * What goes to another member of its Shared Subscription when this Session ends: messages of QoS 1 that were not
   * acknowledged, and those of QoS 1 and 2 that were never sent. One of QoS 2 that was is for nobody else [MQTT-4.8.2-5].
   */
  *forOthers(): Generator<SharedOutgoing> {
    for (const sent of this.inflight.values()) {
      if (sent.qos === 1 && isShared(sent)) yield sent
    }
    for (const unsent of this.waitingMessages()) if (unsent.qos > 0 && isShared(unsent)) yield unsent
  }

  /** Removes all that waits. @returns what it was */
  clear(): Outgoing[] {
    const all = [...this.waitingMessages()]
    this.#waiting = []
    this.#head = 0
    this.#count(-this.#octets)
    return all
  }

  /** Removes what has expired while it waited [MQTT-3.3.2-5]. @returns what it was */
  expire(now: number): Outgoing[] {
    const expired: Outgoing[] = []
    // It is asked for every message that a full queue is offered, and a queue is long.
    if (now < this.#nextExpiry) return expired
    this.#nextExpiry = Number.POSITIVE_INFINITY
    for (const outgoing of this.waitingMessages()) {
      const { expiresAt = Number.POSITIVE_INFINITY } = outgoing.message
      if (isExpired(outgoing.message, now)) expired.push(outgoing)
      else this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt)
    }
    if (expired.length === 0) return expired
    const gone = new Set(expired)
    this.#waiting = this.#waiting.slice(this.#head).filter((outgoing) => !gone.has(outgoing as Outgoing))
    this.#head = 0
    for (const outgoing of expired) this.#count(-sizeOf(outgoing))
    return expired
  }

  /** Removes what waits, or waits for its first answer, and is not wanted any more. @returns what it was */
  withdraw(isWanted: (topic: string) => boolean): Outgoing[] {
    const waiting = [...this.waitingMessages()].filter(({ message }) => !isWanted(message.topic))
    const gone = new Set(waiting)
    this.#waiting = this.#waiting.slice(this.#head).filter((outgoing) => !gone.has(outgoing as Outgoing))
    this.#head = 0
    for (const outgoing of waiting) this.#count(-sizeOf(outgoing))
    // Of those whose PUBREL is next the client has all that there is.
    const sent = [...this.inflight.values()].filter(
      ({ message, state }) => state !== 'awaiting PUBCOMP' && !isWanted(message.topic),
    )
    for (const { packetId } of sent) this.inflight.delete(packetId)
    return [...waiting, ...sent]
  }

  /** Gives a message of QoS 1 or 2 a Packet Identifier that is free [MQTT-2.3.1-4, in MQTT 5 MQTT-2.2.1-4]. */
  begin(outgoing: Outgoing, version: ProtocolVersion): void {
    outgoing.packetId = this.#freeId()
    outgoing.state = stepSender('idle', outgoing.qos === 1 ? publishAt1 : publishAt2, version).state
    this.inflight.set(outgoing.packetId, outgoing)
  }

  /** Puts back what was stored: in flight where it has a Packet Identifier, waiting otherwise. */
  restore(outgoing: Outgoing): void {
    if (outgoing.packetId === 0) this.add(outgoing)
    else {
      this.inflight.set(outgoing.packetId, outgoing)
      this.#lastId = outgoing.packetId
    }
  }

  /** The client has answered. The transition says what to send, and what the client has done wrong. */
  answered(
    type: 'PUBACK' | 'PUBREC' | 'PUBCOMP',
    packetId: number,
    code: number,
    version: ProtocolVersion,
  ): SenderTransition {
    const outgoing = this.inflight.get(packetId)
    const input = code === 0 ? positive[type] : { type, code }
    const step = stepSender(outgoing?.state ?? 'idle', input, version)
    if (outgoing === undefined) return step
    outgoing.state = step.state
    if (step.end !== undefined) this.inflight.delete(packetId)
    else if (type === 'PUBREC' && step.send === 'PUBREL') {
      // From here on its place is that of its PUBREL: those are sent in the order of PUBREC [MQTT-4.6.0-4].
      this.inflight.delete(packetId)
      this.inflight.set(packetId, outgoing)
    }
    return step
  }

  #count(octets: number): void {
    this.#octets += octets
    this.#tally.octets += octets
  }

  #freeId(): number {
    do {
      this.#lastId = this.#lastId === lastPacketId ? 1 : this.#lastId + 1
    } while (this.inflight.has(this.#lastId))
    return this.#lastId
  }
}

function isShared(outgoing: Outgoing): outgoing is SharedOutgoing {
  return outgoing.share !== undefined
}

/** Octets of memory that an entry of a queue takes besides those of its message, about. */
export const entryOverhead = 200

/** What a message that waits counts for in limits, in octets. */
export function sizeOf({ message }: Outgoing): number {
  return messageSize(message) + entryOverhead
}

/** What waits in several queues together, counted as in each of them. */
export interface QueueTally {
  octets: number
}
