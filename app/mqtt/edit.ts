import { type ProtocolVersion, packetTypeOf } from './control-packet.ts'
import { decodePacket } from './decode.ts'
import type { Field } from './decoded.ts'
import { readVariableByteInteger } from './summary.ts'

/** The fields of a packet that an editor offers. Those that the packet does not have are undefined. */
export interface EditableFields {
  /** PUBLISH only, as the next two. */
  readonly dup: boolean | undefined
  /** 3 is malformed, and possible [MQTT-3.3.1-4]. */
  readonly qos: 0 | 1 | 2 | 3 | undefined
  readonly retain: boolean | undefined
  /** 0 to 65535, where 0 is malformed. */
  readonly packetId: number | undefined
  readonly payload: Uint8Array | undefined
}

/** Reads what can be edited; of a malformed packet as much as can be found. */
export function readEditable(octets: Uint8Array, version: ProtocolVersion): EditableFields {
  const first = octets[0] ?? 0
  const isPublish = packetTypeOf(first) === 'PUBLISH'
  const id = find(octets, version, 'Packet Identifier')
  const payload = find(octets, version, 'Payload')
  return {
    dup: isPublish ? (first & 8) !== 0 : undefined,
    qos: isPublish ? (((first >>> 1) & 3) as 0 | 1 | 2 | 3) : undefined,
    retain: isPublish ? (first & 1) !== 0 : undefined,
    packetId: id === undefined ? undefined : (octets[id.start] as number) * 256 + (octets[id.start + 1] as number),
    payload: payload === undefined ? undefined : octets.subarray(payload.start, payload.end),
  }
}

/** Sets a flag of a PUBLISH. */
export function withFlag(octets: Uint8Array, flag: 'DUP' | 'RETAIN', on: boolean): Uint8Array {
  const mask = flag === 'DUP' ? 8 : 1
  const changed = octets.slice()
  const first = changed[0] ?? 0
  changed[0] = on ? first | mask : first & ~mask
  return changed
}

/**
 * Sets the QoS of a PUBLISH. A Packet Identifier comes or goes with it, because QoS 0 has none [MQTT-2.3.1-5].
 *
 * @param packetId the Packet Identifier where there was none.
 */
export function withQos(octets: Uint8Array, version: ProtocolVersion, qos: 0 | 1 | 2, packetId: number): Uint8Array {
  const first = octets[0] ?? 0
  const before = (first >>> 1) & 3
  const topic = find(octets, version, 'Topic Name')
  const id = find(octets, version, 'Packet Identifier')
  const flagged = octets.slice()
  flagged[0] = (first & ~6) | (qos << 1)
  if (before === 0 && qos > 0 && topic !== undefined) {
    return splice(flagged, topic.end, topic.end, Uint8Array.of(packetId >>> 8, packetId & 0xff))
  }
  return qos === 0 && id !== undefined ? splice(flagged, id.start, id.end, new Uint8Array(0)) : flagged
}

/** Sets the Packet Identifier, 0 to 65535; a packet without one stays as it is. */
export function withPacketId(octets: Uint8Array, version: ProtocolVersion, packetId: number): Uint8Array {
  const id = find(octets, version, 'Packet Identifier')
  const changed = octets.slice()
  if (id !== undefined) changed.set([packetId >>> 8, packetId & 0xff], id.start)
  return changed
}

/** Sets the payload of a PUBLISH; a packet without one stays as it is. */
export function withPayload(octets: Uint8Array, version: ProtocolVersion, payload: Uint8Array): Uint8Array {
  const field = find(octets, version, 'Payload')
  return field === undefined ? octets.slice() : splice(octets, field.start, field.end, payload)
}

/** A field that is there whole. */
function find(octets: Uint8Array, version: ProtocolVersion, name: string): Field | undefined {
  const field = decodePacket(octets, version).fields.find((candidate) => candidate.name === name)
  const isCut = name === 'Packet Identifier' && field !== undefined && field.end - field.start !== 2
  return isCut ? undefined : field
}

/** Puts octets in the place of others, and says so in the Remaining Length. */
function splice(octets: Uint8Array, start: number, end: number, replacement: Uint8Array): Uint8Array {
  const before = readVariableByteInteger(octets, 1)
  const sameLength = end - start === replacement.length
  const bodyStart = before?.end ?? 1
  const header = sameLength
    ? octets.subarray(0, bodyStart)
    : fixedHeader(octets[0] ?? 0, octets.length - bodyStart - (end - start) + replacement.length)
  const parts = [header, octets.subarray(bodyStart, start), replacement, octets.subarray(end)]
  const changed = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    changed.set(part, at)
    at += part.length
  }
  return changed
}

/** @param remaining up to 268,435,455 octets [MQTT 3.1.1 §2.2.3]. */
function fixedHeader(first: number, remaining: number): Uint8Array {
  const octets = [first]
  let left = remaining
  do {
    const more = left >= 128
    octets.push((left % 128) + (more ? 128 : 0))
    left = Math.floor(left / 128)
  } while (left > 0)
  return Uint8Array.from(octets)
}
