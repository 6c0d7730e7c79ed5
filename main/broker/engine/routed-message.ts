import { copyPublish, packetIdOffset, publishFirst, writePublish } from '../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion, QoS } from '../../../app/mqtt/control-packet.ts'
import type { Origin } from '../../../app/mqtt/network-connection.ts'
import { type MessageProperties, mostPacketOctets } from '../../../app/mqtt/packets.ts'
import { type ApplicationMessage, expiryLeft } from '../../../app/session/application-message.ts'

/** How one copy of a message is sent. */
export interface Copy {
  readonly qos: QoS
  readonly retain: boolean
  /** 0 at QoS 0. */
  readonly packetId: number
  readonly identifiers: readonly number[] | undefined
}

/** Octets beside its payload that a message may keep from being freed. */
const mostPinned = 1024

/** A PUBLISH as all get it who are sent this kind of one, and where its Packet Identifier stands. */
interface Template {
  readonly kind: number
  readonly octets: Uint8Array
  readonly offset: number
}

/**
 * An Application Message in the form in which aedes routes, keeps and stores it: its own fields, with aedes' names, and
 * ours beside them. All of them are plain values, because in a cluster the message travels to other processes.
 */
export class RoutedMessage implements ApplicationMessage {
  readonly cmd = 'publish'
  readonly dup = false
  readonly brokerId: string
  readonly brokerCounter: number
  readonly topic: string
  payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: MessageProperties | undefined
  readonly expiresAt: number | undefined
  readonly origin: Origin
  /** Encoded once for all who get the same; of the four kinds nearly every message needs one only. */
  #first: Template | undefined
  #second: Template | undefined
  #cameAt = 0

  constructor(
    brokerId: string,
    message: Pick<ApplicationMessage, 'topic' | 'payload' | 'qos' | 'retain' | 'properties' | 'expiresAt' | 'origin'>,
  ) {
    this.brokerId = brokerId
    this.brokerCounter = message.origin.message
    this.topic = message.topic
    this.payload = message.payload
    this.qos = message.qos
    this.retain = message.retain
    this.properties = message.properties
    this.expiresAt = message.expiresAt
    this.origin = message.origin
  }

  /**
   * The packet in which it came: where there is nothing in it that is for the broker alone, subscribers are sent the
   * same but for its flags and its Packet Identifier.
   */
  cameAs(octets: Uint8Array, version: ProtocolVersion): void {
    const { payload, qos } = this
    const offset = packetIdOffset(octets)
    // With properties, or an alias in the place of the topic, it is longer than that.
    const length = offset + (qos === 0 ? 0 : 2) + (version === 5 ? 1 : 0) + payload.length
    if (length === octets.length && hasShortLength(octets)) this.#keep(version, qos, octets, offset)
  }

  /**
   * The PUBLISH for one Session.
   *
   * @param alias Topic Alias, 0 for none, negative where the client knows it already
   * @param now wall time in milliseconds, for the Message Expiry Interval
   * @param most octets that it may have
   * @returns undefined where it would be larger: MQTT 5 adds some to what 3.1.1 has room for
   */
  encode(
    copy: Copy,
    dup: boolean,
    version: ProtocolVersion,
    alias: number,
    now: number,
    most = mostPacketOctets,
  ): Uint8Array | undefined {
    const { qos, retain, packetId, identifiers } = copy
    if (version === 5 && (identifiers !== undefined || alias !== 0 || this.expiresAt !== undefined)) {
      return this.#encodeAlone(copy, dup, alias, now, most)
    }
    const kind = kindOf(version, qos)
    const known = this.#first?.kind === kind ? this.#first : this.#known(kind)
    if (known === undefined) {
      const { topic, payload, properties } = this
      const octets = writePublish({ topic, payload, qos, retain, dup, packetId, properties }, version, most)
      if (octets === undefined) return undefined
      this.#keep(version, qos, octets, qos === 0 ? 0 : packetIdOffset(octets))
      return octets
    }
    if (known.octets.length > most) return undefined
    const first = publishFirst(qos, dup, retain)
    // Whoever is given octets may keep them, so what is shared is never changed.
    if (qos === 0 && known.octets[0] === first) return known.octets
    return copyPublish(known.octets, known.offset, first, packetId)
  }

  /** It is kept for longer than its packet: it must not hold on to all that came in the same piece. */
  detach(): void {
    const { payload } = this
    if (payload.buffer.byteLength <= payload.length + mostPinned) return
    this.payload = new Uint8Array(payload)
    this.#first = this.#second = undefined
  }

  /** What nobody else is sent. */
  #encodeAlone(
    { qos, retain, packetId, identifiers }: Copy,
    dup: boolean,
    alias: number,
    now: number,
    most: number,
  ): Uint8Array | undefined {
    const { payload, properties } = this
    return writePublish(
      {
        topic: alias < 0 ? '' : this.topic,
        payload,
        qos,
        retain,
        dup,
        packetId,
        properties,
        messageExpiryInterval: expiryLeft(this, now),
        topicAlias: Math.abs(alias),
        subscriptionIdentifiers: identifiers,
      },
      5,
      most,
    )
  }

  #keep(version: ProtocolVersion, qos: QoS, octets: Uint8Array, offset: number): void {
    const template = { kind: kindOf(version, qos), octets, offset }
    if (this.#first === undefined) this.#first = template
    else this.#second = template
  }

  #known(kind: number): Template | undefined {
    return this.#second?.kind === kind ? this.#second : undefined
  }

  /** Wall time at which it came for those who are given it now, in milliseconds; the clock is asked once for all. */
  cameAt(clock: { now(): number }): number {
    this.#cameAt ||= clock.now()
    return this.#cameAt
  }
}

/** What another process, or aedes itself, has published. @param number that it gets here */
export function messageFromElsewhere(packet: object, number: number): ConstructorParameters<typeof RoutedMessage>[1] {
  const {
    topic = '',
    payload,
    qos = 0,
    retain = false,
    properties,
    expiresAt,
    origin,
  } = packet as Partial<RoutedMessage>
  const own: Origin = { message: number, kind: origin?.kind ?? 'publish', clientId: origin?.clientId }
  return { topic, payload: payload ?? Buffer.alloc(0), qos, retain, properties, expiresAt, origin: own }
}

/** 3.1 and 3.1.1 have the same PUBLISH. */
function kindOf(version: ProtocolVersion, qos: QoS): number {
  return (version === 5 ? 2 : 0) + (qos === 0 ? 0 : 1)
}

/** Whether the Remaining Length takes no more octets than it needs: its last one is not 0. */
function hasShortLength(octets: Uint8Array): boolean {
  let at = 1
  while ((octets[at] as number) >= 0x80) at += 1
  return at === 1 || octets[at] !== 0
}
