import type { ProtocolVersion, QoS } from '../control-packet.ts'
import {
  type AckType,
  type ConnackProperties,
  type MessageProperties,
  mostPacketOctets,
  type UserProperties,
} from '../packets.ts'
import { checkedLength, OctetList, stringLength, variableLength, writeVariable } from './octet-list.ts'
import { octetsFor } from './slab.ts'
import { textLength, writeText } from './text.ts'

export interface OutgoingConnack {
  /** 0 goes out where the connection is refused [MQTT-3.2.2-4, MQTT-3.2.2-6]. MQTT 3.1 has no such bit. */
  readonly sessionPresent: boolean
  /** Reason Code in MQTT 5, Return Code in 3.1 and 3.1.1. */
  readonly code: number
  /** MQTT 5 only. */
  readonly properties?: ConnackProperties | undefined
}

export interface OutgoingPublish {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  /** 1 to 65535; not written at QoS 0. */
  readonly packetId: number
  /** The following are MQTT 5's, and not written in other versions. */
  readonly properties?: MessageProperties | undefined
  /** In seconds. */
  readonly messageExpiryInterval?: number | undefined
  /** 1 to 65535; 0 or undefined is none. */
  readonly topicAlias?: number | undefined
  /** Each 1 to 268,435,455. */
  readonly subscriptionIdentifiers?: readonly number[] | undefined
}

/** What a DISCONNECT of a Server may say beside its Reason Code. It must not have a Session Expiry Interval. */
export interface DisconnectOptions {
  readonly reasonString?: string | undefined
  readonly serverReference?: string | undefined
  readonly userProperties?: UserProperties | undefined
}

/** The packet of PINGRESP [MQTT 3.1.1 §3.13, MQTT 5 §3.13]. It must not be changed. */
export const pingresp: Uint8Array = Uint8Array.of(0xd0, 0)

/** What acknowledgements start with. */
const firstOf: Readonly<Record<AckType, number>> = { PUBACK: 0x40, PUBREC: 0x50, PUBREL: 0x62, PUBCOMP: 0x70 }

/**
 * A CONNACK [MQTT 3.1.1 §3.2, MQTT 5 §3.2].
 *
 * @param version in whose form it is written, also for a Client that asked for one that is not spoken.
 */
export function writeConnack(connack: OutgoingConnack, version: ProtocolVersion): Uint8Array {
  const { code, properties } = connack
  const present = connack.sessionPresent && code === 0 && version !== 3
  const list = new OctetList().octet(present ? 1 : 0).octet(code)
  if (version === 5) list.measured(connackProperties(properties ?? {}))
  return list.packet(0x20)
}

function connackProperties(properties: ConnackProperties): OctetList {
  return new OctetList()
    .uint32Property(0x11, properties.sessionExpiryInterval)
    .uint16Property(0x21, properties.receiveMaximum)
    .octetProperty(0x24, properties.maximumQoS)
    .octetProperty(0x25, properties.retainAvailable)
    .uint32Property(0x27, properties.maximumPacketSize)
    .stringProperty(0x12, properties.assignedClientIdentifier)
    .uint16Property(0x22, properties.topicAliasMaximum)
    .stringProperty(0x1f, properties.reasonString)
    .userProperties(properties.userProperties)
    .octetProperty(0x28, properties.wildcardSubscriptionAvailable)
    .octetProperty(0x29, properties.subscriptionIdentifiersAvailable)
    .octetProperty(0x2a, properties.sharedSubscriptionAvailable)
    .uint16Property(0x13, properties.serverKeepAlive)
    .stringProperty(0x1a, properties.responseInformation)
    .stringProperty(0x1c, properties.serverReference)
}

/**
 * A PUBLISH [MQTT 3.1.1 §3.3, MQTT 5 §3.3]. Like all small packets that are written here it may share its ArrayBuffer
 * with others.
 *
 * @param most octets that it may have, 268,435,460 at most: more than that is in no Control Packet.
 * @returns undefined where it would be larger; nothing was written then.
 * @throws RangeError where the topic or a property is longer than 65,535 octets.
 */
export function writePublish(
  publish: OutgoingPublish,
  version: ProtocolVersion,
  most = mostPacketOctets,
): Uint8Array | undefined {
  const { topic, payload, qos } = publish
  const topicLength = stringLength(topic)
  const propertiesLength = version === 5 ? publishPropertiesLength(publish) : 0
  const before = version === 5 ? variableLength(propertiesLength) + propertiesLength : 0
  const remaining = 2 + topicLength + (qos === 0 ? 0 : 2) + before + payload.length
  const length = 1 + variableLength(remaining) + remaining
  if (length > most) return undefined
  const octets = octetsFor(length)
  octets[0] = publishFirst(qos, publish.dup, publish.retain)
  let at = writeVariable(remaining, octets, 1)
  octets[at] = topicLength >>> 8
  octets[at + 1] = topicLength & 0xff
  at = writeText(topic, octets, at + 2)
  if (qos !== 0) {
    octets[at] = publish.packetId >>> 8
    octets[at + 1] = publish.packetId & 0xff
    at += 2
  }
  if (version === 5) {
    at = writeVariable(propertiesLength, octets, at)
    if (propertiesLength > 0) at = writePublishProperties(publish, octets, at)
  }
  octets.set(payload, at)
  return octets
}

/** The first octet of a PUBLISH: type and flags [MQTT 3.1.1 §3.3.1, MQTT 5 §3.3.1]. */
export function publishFirst(qos: QoS, dup: boolean, retain: boolean): number {
  return 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
}

/** Where the Packet Identifier of a PUBLISH stands; at QoS 0 it has none, and what follows it stands there. */
export function packetIdOffset(publish: Uint8Array): number {
  let at = 1
  while ((publish[at] as number) >= 0x80) at += 1
  return at + 3 + ((publish[at + 1] as number) << 8) + (publish[at + 2] as number)
}

/**
 * A copy of a PUBLISH that was written, for another Client or another attempt. QoS 1 can become 2 and the reverse; QoS 0
 * stays what it is.
 *
 * @param offset of `packetIdOffset`, which is the same for every copy.
 * @param first of `publishFirst`.
 * @param packetId not written where `first` says QoS 0.
 */
export function copyPublish(publish: Uint8Array, offset: number, first: number, packetId: number): Uint8Array {
  const copy = octetsFor(publish.length)
  copy.set(publish)
  copy[0] = first
  if ((first & 6) !== 0) {
    copy[offset] = packetId >>> 8
    copy[offset + 1] = packetId & 0xff
  }
  return copy
}

function publishPropertiesLength(publish: OutgoingPublish): number {
  const { properties, subscriptionIdentifiers } = publish
  let length = 0
  if (publish.messageExpiryInterval !== undefined) length += 5
  if (publish.topicAlias) length += 3
  if (subscriptionIdentifiers !== undefined) {
    for (const identifier of subscriptionIdentifiers) length += 1 + variableLength(identifier)
  }
  if (properties === undefined) return length
  if (properties.payloadFormatIndicator !== undefined) length += 2
  if (properties.contentType !== undefined) length += 3 + stringLength(properties.contentType)
  if (properties.responseTopic !== undefined) length += 3 + stringLength(properties.responseTopic)
  if (properties.correlationData !== undefined) length += 3 + checkedLength(properties.correlationData.length)
  if (properties.userProperties !== undefined) {
    for (const [name, value] of properties.userProperties) length += 5 + stringLength(name) + stringLength(value)
  }
  return length
}

function writePublishProperties(publish: OutgoingPublish, octets: Uint8Array, start: number): number {
  const { properties, messageExpiryInterval, topicAlias, subscriptionIdentifiers } = publish
  let at = start
  if (properties?.payloadFormatIndicator !== undefined) {
    octets[at++] = 0x01
    octets[at++] = properties.payloadFormatIndicator
  }
  if (messageExpiryInterval !== undefined) {
    octets[at++] = 0x02
    at = writeUint16(messageExpiryInterval >>> 16, octets, at)
    at = writeUint16(messageExpiryInterval & 0xffff, octets, at)
  }
  if (topicAlias) {
    octets[at++] = 0x23
    at = writeUint16(topicAlias, octets, at)
  }
  if (subscriptionIdentifiers !== undefined) {
    for (const identifier of subscriptionIdentifiers) {
      octets[at++] = 0x0b
      at = writeVariable(identifier, octets, at)
    }
  }
  return properties === undefined ? at : writeMessageProperties(properties, octets, at)
}

function writeMessageProperties(properties: MessageProperties, octets: Uint8Array, start: number): number {
  const { contentType, responseTopic, correlationData, userProperties } = properties
  let at = start
  if (contentType !== undefined) {
    octets[at++] = 0x03
    at = writeString(contentType, octets, at)
  }
  if (responseTopic !== undefined) {
    octets[at++] = 0x08
    at = writeString(responseTopic, octets, at)
  }
  if (correlationData !== undefined) {
    octets[at++] = 0x09
    at = writeUint16(correlationData.length, octets, at)
    octets.set(correlationData, at)
    at += correlationData.length
  }
  if (userProperties !== undefined) {
    // In the order in which they came [MQTT-3.3.2-18].
    for (const [name, value] of userProperties) {
      octets[at++] = 0x26
      at = writeString(name, octets, at)
      at = writeString(value, octets, at)
    }
  }
  return at
}

function writeUint16(value: number, octets: Uint8Array, at: number): number {
  octets[at] = value >>> 8
  octets[at + 1] = value & 0xff
  return at + 2
}

function writeString(text: string, octets: Uint8Array, at: number): number {
  return writeText(text, octets, writeUint16(textLength(text), octets, at))
}

/**
 * A PUBACK, PUBREC, PUBREL or PUBCOMP [MQTT 3.1.1 §3.4 to §3.7, MQTT 5 §3.4 to §3.7].
 *
 * @param code not written in 3.1 and 3.1.1; nor in MQTT 5 where it is 0 and nothing follows it.
 */
export function writeAck(
  type: AckType,
  packetId: number,
  code: number,
  version: ProtocolVersion,
  reasonString?: string,
  userProperties?: UserProperties,
): Uint8Array {
  const isPlain = reasonString === undefined && (userProperties === undefined || userProperties.length === 0)
  if (version !== 5 || (code === 0 && isPlain)) {
    const octets = octetsFor(4)
    octets[0] = firstOf[type]
    octets[1] = 2
    octets[2] = packetId >>> 8
    octets[3] = packetId & 0xff
    return octets
  }
  const list = new OctetList().uint16(packetId).octet(code)
  if (!isPlain) list.measured(new OctetList().stringProperty(0x1f, reasonString).userProperties(userProperties))
  return list.packet(firstOf[type])
}

/**
 * A SUBACK [MQTT 3.1.1 §3.9, MQTT 5 §3.9].
 *
 * @param codes one for each Topic Filter of the SUBSCRIBE, in its order [MQTT-3.8.4-6].
 * @param reasonString MQTT 5 only.
 */
export function writeSuback(
  packetId: number,
  codes: readonly number[],
  version: ProtocolVersion,
  reasonString?: string,
): Uint8Array {
  const list = new OctetList().uint16(packetId)
  if (version === 5) list.measured(new OctetList().stringProperty(0x1f, reasonString))
  return list.octets(codes).packet(0x90)
}

/**
 * An UNSUBACK [MQTT 3.1.1 §3.11, MQTT 5 §3.11].
 *
 * @param codes one for each Topic Filter of the UNSUBSCRIBE, in its order; not written in 3.1 and 3.1.1.
 */
export function writeUnsuback(packetId: number, codes: readonly number[], version: ProtocolVersion): Uint8Array {
  const list = new OctetList().uint16(packetId)
  if (version === 5) list.octet(0).octets(codes)
  return list.packet(0xb0)
}

/** A DISCONNECT of a Server, which only MQTT 5 has [MQTT 5 §3.14]. */
export function writeDisconnect(code: number, options: DisconnectOptions = {}): Uint8Array {
  const properties = new OctetList()
    .stringProperty(0x1f, options.reasonString)
    .userProperties(options.userProperties)
    .stringProperty(0x1c, options.serverReference)
  const list = new OctetList()
  if (code !== 0 || properties.length > 0) list.octet(code)
  if (properties.length > 0) list.measured(properties)
  return list.packet(0xe0)
}
