import { copyPublish, packetIdOffset, writePublish } from '../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion, QoS } from '../../../app/mqtt/control-packet.ts'
import type { Origin } from '../../../app/mqtt/network-connection.ts'
import type { MessageProperties } from '../../../app/mqtt/packets.ts'
import { type ApplicationMessage, expiryLeft } from '../../../app/session/application-message.ts'

/** How one copy of a message is sent. */
export interface Copy {
  readonly version: ProtocolVersion
  readonly qos: QoS
  readonly dup: boolean
  readonly retain: boolean
  /** 0 at QoS 0. */
  readonly packetId: number
  readonly identifiers: readonly number[] | undefined
  /** 0 for none; with one that the client knows already the topic is left out. */
  readonly topicAlias: number
  readonly aliasKnown: boolean
}

/** Octets beside its payload that a message may keep from being freed. */
const mostPinned = 1024

/** A PUBLISH, and where its Packet Identifier stands. */
interface Template {
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
  payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: MessageProperties | undefined
  readonly expiresAt: number | undefined
  readonly origin: Origin
  /** Encoded once for all who get the same: [3.1.1 at QoS 0, above 0, 5 at QoS 0, above 0]. */
  readonly #encoded: (Template | undefined)[] = []

  constructor(
    brokerId: string,
    message: Pick<ApplicationMessage, 'topic' | 'payload' | 'qos' | 'retain' | 'properties' | 'expiresAt' | 'origin'>,
  ) {
    const { payload } = message
    this.brokerId = brokerId
    this.brokerCounter = message.origin.message
    this.topic = message.topic
    this.payload = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    this.qos = message.qos
    this.retain = message.retain
    this.properties = message.properties
    this.expiresAt = message.expiresAt
    this.origin = message.origin
  }

  /** The PUBLISH for one Session. @param now wall time in milliseconds, for the Message Expiry Interval */
  encode(copy: Copy, now: number): Uint8Array {
    const { version, qos, dup, retain, packetId, identifiers, topicAlias, aliasKnown } = copy
    const isCommon = version !== 5 || (identifiers === undefined && topicAlias === 0 && this.expiresAt === undefined)
    if (!isCommon) {
      return writePublish(
        {
          ...this.#common(qos),
          topic: aliasKnown ? '' : this.topic,
          dup,
          retain,
          packetId,
          messageExpiryInterval: expiryLeft(this, now),
          topicAlias,
          subscriptionIdentifiers: identifiers,
        },
        version,
      )
    }
    const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
    const { octets, offset } = this.#template(version, qos)
    // Whoever is given octets may keep them, so what is shared is never changed.
    if (qos === 0 && octets[0] === first) return octets
    return copyPublish(octets, offset, first, packetId)
  }

  /** It is kept for longer than its packet: it must not hold on to all that came in the same piece. */
  detach(): void {
    const { payload } = this
    if (payload.buffer.byteLength > payload.length + mostPinned) this.payload = Buffer.from(payload)
  }

  #common(qos: QoS) {
    const { topic, payload, properties } = this
    return { topic, payload, qos, properties: properties }
  }

  #template(version: ProtocolVersion, qos: QoS): Template {
    const slot = (version === 5 ? 2 : 0) + (qos === 0 ? 0 : 1)
    const known = this.#encoded[slot]
    if (known !== undefined) return known
    const packetId = qos === 0 ? 0 : 1
    const octets = writePublish({ ...this.#common(qos), dup: false, retain: false, packetId }, version)
    const template = { octets, offset: qos === 0 ? 0 : packetIdOffset(octets) }
    this.#encoded[slot] = template
    return template
  }
}
