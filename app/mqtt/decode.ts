import { type PacketType, type ProtocolVersion, packetTypeOf } from './control-packet.ts'
import { connectVersion, readConnack, readConnect } from './decode-connect.ts'
import { readAcknowledgement, readEnding, readPublish } from './decode-publish.ts'
import { PacketReader } from './decode-reader.ts'
import { readSuback, readSubscribe, readUnsuback, readUnsubscribe } from './decode-subscribe.ts'
import { countOctets } from './decode-values.ts'
import type { DecodedPacket } from './decoded.ts'

/** What follows the Fixed Header of each packet type. The second argument is the flags of the Fixed Header. */
const readers: Readonly<Record<PacketType, (reader: PacketReader, flags: number) => void>> = {
  CONNECT: readConnect,
  CONNACK: readConnack,
  PUBLISH: readPublish,
  PUBACK: (reader) => readAcknowledgement(reader, 'PUBACK'),
  PUBREC: (reader) => readAcknowledgement(reader, 'PUBREC'),
  PUBREL: (reader) => readAcknowledgement(reader, 'PUBREL'),
  PUBCOMP: (reader) => readAcknowledgement(reader, 'PUBCOMP'),
  SUBSCRIBE: readSubscribe,
  SUBACK: readSuback,
  UNSUBSCRIBE: readUnsubscribe,
  UNSUBACK: readUnsuback,
  PINGREQ: () => undefined,
  PINGRESP: () => undefined,
  DISCONNECT: (reader) => readEnding(reader, 'DISCONNECT'),
  AUTH: (reader) => readEnding(reader, 'AUTH'),
}

/**
 * Reads every field of one Control Packet of MQTT 3.1, 3.1.1 or 5, with its place, and everything that is wrong with it
 * and that this packet alone shows. The top-level fields of a well-formed packet cover it without gap or overlap. Never
 * throws: a malformed packet is read as far as it goes.
 *
 * @param version of the connection; a CONNECT brings its own.
 * @param length how many octets the packet had on the wire, where `octets` are only its first part: what is not here is
 *   no violation then.
 */
export function decodePacket(octets: Uint8Array, version: ProtocolVersion, length = octets.length): DecodedPacket {
  const type = octets.length === 0 ? undefined : packetTypeOf(octets[0] as number)
  const own = type === 'CONNECT' ? connectVersion(octets) : undefined
  const reader = new PacketReader(octets, own ?? version, Math.max(length, octets.length))
  if (octets.length === 0 && length === 0) reader.violate(undefined, 'there is not one octet', 0, 0)
  const end = readFixedHeader(reader, type)
  if (type !== undefined && end !== undefined) {
    readers[type](reader, (octets[0] as number) & 0x0f)
    readSurplus(reader, type, end)
  }
  return { type, version: reader.version, fields: reader.fields, violations: reader.violations }
}

/** Gives where the packet ends; undefined where what follows cannot be read. */
function readFixedHeader(reader: PacketReader, type: PacketType | undefined): number | undefined {
  const whole = reader.left
  let end: number | undefined
  if (reader.octets.length > 0) {
    reader.group('Fixed Header', () => {
      readFirstOctet(reader, type)
      const remaining = reader.variable('Remaining Length')
      if (remaining === undefined) return type ?? 'reserved'
      end = remaining.end + remaining.value
      const isCutOff = end > whole
      if (isCutOff) {
        const there = whole - remaining.end
        const message = `Remaining Length promises ${countOctets(remaining.value)}, ${there} came`
        reader.violate(undefined, message, remaining.start, remaining.end)
      }
      reader.endAt(Math.min(end, whole), isCutOff)
      return type ?? 'reserved'
    })
  }
  if (end !== undefined && isReserved(reader, type)) {
    const message = `packet type ${(reader.octets[0] as number) >>> 4} is reserved`
    reader.violate(undefined, message, 0, 1, 0xf0)
    return undefined
  }
  return end
}

function isReserved(reader: PacketReader, type: PacketType | undefined): boolean {
  return type === undefined || (type === 'AUTH' && reader.version !== 5)
}

function readFirstOctet(reader: PacketReader, type: PacketType | undefined): void {
  const first = reader.skipOctet()
  const flags = first & 0x0f
  const name = isReserved(reader, type) ? 'reserved' : type
  reader.bits('Packet type', `${first >>> 4} ${name}`, 0, 0xf0)
  const value = flags.toString(2).padStart(4, '0')
  if (type === 'PUBLISH') {
    reader.add('Flags', value, 0, 1, publishFlags(reader, flags), 0x0f)
    checkPublishFlags(reader, flags)
    return
  }
  const required = requiredFlags(type)
  const section = sectionOf(type, reader.version)
  if (type === undefined || section === undefined) {
    reader.bits('Flags', value, 0, 0x0f)
    // In MQTT 3.1 these packets have QoS 1 and may carry DUP; the flags of others are not used [MQTT 3.1 §2.1].
    if (type !== undefined && required !== 0 && (flags & 0b0110) !== required) {
      reader.violate(undefined, `${type} has QoS ${(flags >>> 1) & 3}; MQTT 3.1 says QoS 1`, 0, 1, 0x0f)
    }
  } else if (flags === required) {
    reader.bits('Flags', { value, remark: `required by ${section}` }, 0, 0x0f)
  } else {
    const wanted = required.toString(2).padStart(4, '0')
    reader.bits('Flags', { value, remark: `${wanted} is required by ${section}` }, 0, 0x0f)
    const message = `flags of ${type} are ${value}; ${wanted} is required`
    reader.violate(flagsStatement(reader, type), message, 0, 1, 0x0f)
  }
}

function publishFlags(reader: PacketReader, flags: number) {
  const qos = (flags >>> 1) & 3
  const delivery = ['at most once', 'at least once', 'exactly once', 'reserved'][qos]
  const isSet = (mask: number) => ((flags & mask) === 0 ? '0' : '1')
  return reader.collect(() => {
    reader.bits('DUP', { value: isSet(8), remark: (flags & 8) === 0 ? undefined : 'sent before' }, 0, 0x08)
    reader.bits('QoS', { value: `QoS ${qos}`, remark: delivery }, 0, 0x06)
    reader.bits('RETAIN', { value: isSet(1), remark: (flags & 1) === 0 ? undefined : 'retained' }, 0, 0x01)
  })
}

function checkPublishFlags(reader: PacketReader, flags: number): void {
  const qos = (flags >>> 1) & 3
  if (qos === 3) {
    reader.violate(reader.statement('3.3.1-4', '3.3.1-4'), 'both QoS bits of PUBLISH are 1', 0, 1, 0x06)
  }
  if (qos === 0 && (flags & 8) !== 0) {
    reader.violate(reader.statement('3.3.1-2', '3.3.1-2'), 'DUP is 1, though QoS is 0', 0, 1, 0x08)
  }
}

function requiredFlags(type: PacketType | undefined): number {
  return type === 'PUBREL' || type === 'SUBSCRIBE' || type === 'UNSUBSCRIBE' ? 0b0010 : 0
}

/** Where the specification says what the flags are; MQTT 3.1 leaves them unused, or lets packets carry DUP. */
function sectionOf(type: PacketType | undefined, version: ProtocolVersion): string | undefined {
  if (version === 3) return undefined
  const own = type === undefined ? undefined : flagSections[type]
  return `§${own ?? (version === 5 ? '2.1.3' : '2.2.2')}`
}

const flagSections: Partial<Record<PacketType, string>> = {
  PUBREL: '3.6.1',
  SUBSCRIBE: '3.8.1',
  UNSUBSCRIBE: '3.10.1',
  DISCONNECT: '3.14.1',
  AUTH: '3.15.1',
}

function flagsStatement(reader: PacketReader, type: PacketType): string | undefined {
  const own = flagSections[type]
  return own === undefined ? reader.statement('2.2.2-1', '2.1.3-1') : reader.statement(`${own}-1`, `${own}-1`)
}

/** What is left in the packet when all its fields were read, and what comes after its end. */
function readSurplus(reader: PacketReader, type: PacketType, end: number): void {
  if (reader.left > 0) {
    const start = reader.at
    const message = `${countOctets(reader.left)} more than ${type} has fields for`
    reader.rest('Surplus octets', (_, length) => countOctets(length))
    reader.violate(undefined, message, start, reader.at)
  }
  const { octets } = reader
  if (end >= octets.length) return
  const count = octets.length - end
  reader.violate(undefined, `${countOctets(count)} after the end that Remaining Length gives`, end, octets.length)
  reader.add('After the end', countOctets(count), end, octets.length)
}
