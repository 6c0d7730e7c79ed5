import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import type { MessageProperties, WillPacket } from '../mqtt/packets.ts'
import type { SenderState } from '../qos/sender.ts'
import type { ApplicationMessage } from './application-message.ts'
import { Outgoing } from './outgoing.ts'
import { RecordError, RecordReader, RecordWriter } from './record-octets.ts'
import type { SessionRecord } from './session-record.ts'
import type { Subscription } from './subscription.ts'

/**
 * Sessions and messages as they are stored. Each record begins with the number of its form; what has been given out
 * never changes its form without another number.
 */
const form = 1

/** The order is the form: new ones come last. */
const states: readonly SenderState[] = ['idle', 'awaiting PUBACK', 'awaiting PUBREC', 'awaiting PUBCOMP']
const kinds = ['publish', 'will'] as const
const nothing = new Uint8Array(0)

export function encodeSession(record: SessionRecord): Uint8Array {
  const writer = begin(64).octet(record.version).octet(Number(record.clean))
  writer.optional(record.userName, (name) => writer.text(name))
  writer.optional(record.expiry, (seconds) => writer.number(seconds))
  writer.optional(record.leftAt, (time) => writer.number(time))
  writer.optional(record.will, ({ packet, until }) => {
    writeWill(writer, packet)
    writer.optional(until, (time) => writer.number(time))
  })
  return writer.finish()
}

/** @throws RecordError */
export function decodeSession(octets: Uint8Array): SessionRecord {
  return decode(octets, (reader) => {
    const version = reader.octet()
    if (version < 3 || version > 5) throw new RecordError(`there is no version ${version} of MQTT`)
    return {
      version: version as ProtocolVersion,
      clean: reader.choice(2) === 1,
      userName: reader.optional(() => reader.text()),
      expiry: reader.optional(() => reader.number()),
      leftAt: reader.optional(() => reader.number()),
      will: reader.optional(() => ({ packet: readWill(reader), until: reader.optional(() => reader.number()) })),
    }
  })
}

export function encodeSubscription(subscription: Subscription): Uint8Array {
  const { filter, group, identifiers, matches, noLocal, qos, retainAsPublished, retainHandling } = subscription
  const writer = begin(filter.length + matches.length + 32)
  writer.text(filter).octet(qos).octet(Number(noLocal)).octet(Number(retainAsPublished)).octet(retainHandling)
  writer.text(matches).optional(group, (name) => writer.text(name))
  return writeIdentifiers(writer, identifiers).finish()
}

/** @throws RecordError */
export function decodeSubscription(octets: Uint8Array): Subscription {
  return decode(octets, (reader) => ({
    filter: reader.text(),
    qos: reader.choice(3) as QoS,
    noLocal: reader.choice(2) === 1,
    retainAsPublished: reader.choice(2) === 1,
    retainHandling: reader.choice(3) as 0 | 1 | 2,
    matches: reader.text(),
    group: reader.optional(() => reader.text()),
    identifiers: readIdentifiers(reader),
  }))
}

/** @param turn its place among those whose next packet is PUBREL, which go out in the order of PUBREC [MQTT-4.6.0-4] */
export function encodeOutgoing(outgoing: Outgoing, turn: number): Uint8Array {
  const { identifiers, message, ordinal, packetId, qos, retain, sends, since, state } = outgoing
  // What was received by the client is never sent again: its Packet Identifier is all that matters.
  const payload = state === 'awaiting PUBCOMP' ? nothing : message.payload
  const writer = begin(payload.length + message.topic.length + 96)
  writer.whole(ordinal).octet(qos).octet(Number(retain)).number(since)
  // Written before it is sent: after that it counts as sent, whether it was or not [MQTT-3.3.1-1].
  writer
    .octet(states.indexOf(state))
    .whole(packetId)
    .whole(packetId === 0 ? 0 : Math.max(1, sends))
  writer.whole(turn)
  writeIdentifiers(writer, identifiers)
  return writeMessage(writer, message, payload).finish()
}

/**
 * @param message what becomes of the Application Message
 * @throws RecordError
 */
export function decodeOutgoing(
  octets: Uint8Array,
  message: (message: ApplicationMessage) => ApplicationMessage,
): { readonly outgoing: Outgoing; readonly turn: number } {
  return decode(octets, (reader) => {
    const ordinal = reader.whole()
    const qos = reader.choice(3) as QoS
    const retain = reader.choice(2) === 1
    const since = reader.number()
    const state = states[reader.choice(states.length)] as SenderState
    const packetId = reader.whole()
    if (packetId > 0xffff) throw new RecordError(`${packetId} is no Packet Identifier`)
    const sends = reader.whole()
    const turn = reader.whole()
    const identifiers = readIdentifiers(reader)
    const outgoing = new Outgoing(ordinal, message(readMessage(reader)), { qos, retain, identifiers }, since)
    return { outgoing: Object.assign(outgoing, { packetId, state, sends }), turn }
  })
}

/** A retained message. */
export function encodeMessage(message: ApplicationMessage): Uint8Array {
  const { payload, topic } = message
  return writeMessage(begin(payload.length + topic.length + 64), message, payload).finish()
}

/** @throws RecordError */
export function decodeMessage(octets: Uint8Array): ApplicationMessage {
  return decode(octets, readMessage)
}

/** When a PUBLISH of QoS 2 came that is not released yet. @param since wall time in milliseconds */
export function encodeReceived(since: number): Uint8Array {
  return begin(9).number(since).finish()
}

/** @throws RecordError */
export function decodeReceived(octets: Uint8Array): number {
  return decode(octets, (reader) => reader.number())
}

function begin(room: number): RecordWriter {
  return new RecordWriter(room).octet(form)
}

function decode<T>(octets: Uint8Array, read: (reader: RecordReader) => T): T {
  const reader = new RecordReader(octets)
  const found = reader.octet()
  if (found !== form) throw new RecordError(`its form is ${found}, and ${form} is the only one that is known here`)
  const value = read(reader)
  reader.finish()
  return value
}

function writeMessage(writer: RecordWriter, message: ApplicationMessage, payload: Uint8Array): RecordWriter {
  const { expiresAt, origin, properties, qos, retain, topic } = message
  writer.text(topic).octets(payload).octet(qos).octet(Number(retain))
  writer.whole(origin.message).octet(kinds.indexOf(origin.kind))
  writer.optional(origin.clientId, (clientId) => writer.text(clientId))
  writer.optional(expiresAt, (time) => writer.number(time))
  return writer.optional(properties, (given) => writeProperties(writer, given))
}

function readMessage(reader: RecordReader): ApplicationMessage {
  return {
    topic: reader.text(),
    payload: reader.octets(),
    qos: reader.choice(3) as QoS,
    retain: reader.choice(2) === 1,
    origin: {
      message: reader.whole(),
      kind: kinds[reader.choice(kinds.length)] as (typeof kinds)[number],
      clientId: reader.optional(() => reader.text()),
    },
    expiresAt: reader.optional(() => reader.number()),
    properties: reader.optional(() => readProperties(reader)),
  }
}

function writeWill(writer: RecordWriter, will: WillPacket): void {
  writer.text(will.topic).octets(will.payload).octet(will.qos).octet(Number(will.retain))
  writer.whole(will.willDelayInterval)
  writer.optional(will.messageExpiryInterval, (seconds) => writer.whole(seconds))
  writer.optional(will.properties, (properties) => writeProperties(writer, properties))
}

function readWill(reader: RecordReader): WillPacket {
  return {
    topic: reader.text(),
    payload: reader.octets(),
    qos: reader.choice(3) as QoS,
    retain: reader.choice(2) === 1,
    willDelayInterval: reader.whole(),
    messageExpiryInterval: reader.optional(() => reader.whole()),
    properties: reader.optional(() => readProperties(reader)),
  }
}

function writeProperties(writer: RecordWriter, properties: MessageProperties): void {
  const { contentType, correlationData, payloadFormatIndicator, responseTopic, userProperties } = properties
  writer.optional(payloadFormatIndicator, (indicator) => writer.octet(indicator))
  writer.optional(contentType, (type) => writer.text(type))
  writer.optional(responseTopic, (topic) => writer.text(topic))
  writer.optional(correlationData, (octets) => writer.octets(octets))
  writer.optional(userProperties, (pairs) => {
    writer.whole(pairs.length)
    for (const [name, value] of pairs) writer.text(name).text(value)
  })
}

function readProperties(reader: RecordReader): MessageProperties {
  return {
    payloadFormatIndicator: reader.optional(() => reader.choice(2) as 0 | 1),
    contentType: reader.optional(() => reader.text()),
    responseTopic: reader.optional(() => reader.text()),
    correlationData: reader.optional(() => reader.octets()),
    userProperties: reader.optional(() => readList(reader, () => [reader.text(), reader.text()] as const)),
  }
}

function writeIdentifiers(writer: RecordWriter, identifiers: readonly number[] | undefined): RecordWriter {
  return writer.optional(identifiers, (list) => {
    writer.whole(list.length)
    for (const identifier of list) writer.whole(identifier)
  })
}

function readIdentifiers(reader: RecordReader): number[] | undefined {
  return reader.optional(() => readList(reader, () => reader.whole()))
}

function readList<T>(reader: RecordReader, read: () => T): T[] {
  const list: T[] = []
  // Not by `Array.from`: a length that is damaged ends where the octets do.
  for (let left = reader.whole(); left > 0; left--) list.push(read())
  return list
}
