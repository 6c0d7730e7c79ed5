import { readAck } from '../../app/mqtt/codec/read-acks.ts'
import { readConnect } from '../../app/mqtt/codec/read-connect.ts'
import { checkPing, readAuth, readDisconnect } from '../../app/mqtt/codec/read-disconnect.ts'
import { readPublish } from '../../app/mqtt/codec/read-publish.ts'
import { readSubscribe, readUnsubscribe } from '../../app/mqtt/codec/read-subscribe.ts'
import type { TopicReader } from '../../app/mqtt/codec/topic-reader.ts'
import { type PacketType, type ProtocolVersion, packetTypeOf } from '../../app/mqtt/control-packet.ts'
import { PacketError } from '../../app/mqtt/packets.ts'

type Read = (octets: Uint8Array, version: ProtocolVersion, topics?: TopicReader) => unknown

const readers: Partial<Record<PacketType, Read>> = {
  CONNECT: (octets) => readConnect(octets),
  PUBLISH: readPublish,
  PUBACK: readAck,
  PUBREC: readAck,
  PUBREL: readAck,
  PUBCOMP: readAck,
  SUBSCRIBE: readSubscribe,
  UNSUBSCRIBE: readUnsubscribe,
  PINGREQ: (octets, version) => checkPing(octets, version),
  DISCONNECT: readDisconnect,
  AUTH: (octets) => readAuth(octets),
}

/** Whether a Client may send packets of this type at all. */
export function isFromClient(type: PacketType | undefined, version: ProtocolVersion): boolean {
  return type !== undefined && readers[type] !== undefined && (type !== 'AUTH' || version === 5)
}

/** What the broker reads from a packet of a Client, by the reader of its type; undefined for PINGREQ. */
export function readFromClient(octets: Uint8Array, version: ProtocolVersion, topics?: TopicReader): unknown {
  const read = readers[packetTypeOf(octets[0] as number) as PacketType]
  if (read === undefined) throw new RangeError('not a packet of a Client')
  return read(octets, version, topics)
}

/** The PacketError that reading ends with; undefined where the packet is read. Anything else is thrown on. */
export function errorOf(octets: Uint8Array, version: ProtocolVersion, topics?: TopicReader): PacketError | undefined {
  try {
    readFromClient(octets, version, topics)
    return undefined
  } catch (error) {
    if (error instanceof PacketError) return error
    throw error
  }
}

type Part = number | readonly number[]

/** A string or Binary Data with its length before it. */
export function prefixed(text: string | readonly number[]): number[] {
  const octets = typeof text === 'string' ? [...Buffer.from(text)] : [...text]
  return [octets.length >> 8, octets.length & 0xff, ...octets]
}

/** A Control Packet of less than 128 octets. */
export function packetOfParts(first: number, ...body: readonly Part[]): Uint8Array {
  const octets = body.flat()
  return Uint8Array.of(first, octets.length, ...octets)
}

/** A CONNECT with a Keep Alive of 60 s and, in MQTT 5, these properties. */
export function connectOf(level: number, flags: number, properties: readonly number[], ...payload: readonly Part[]) {
  const five = level === 5 ? [properties.length, ...properties] : []
  return packetOfParts(0x10, prefixed(level === 3 ? 'MQIsdp' : 'MQTT'), level, flags, 0, 60, five, ...payload)
}
