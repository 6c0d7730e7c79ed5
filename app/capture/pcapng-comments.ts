import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import { summarize } from '../mqtt/summary.ts'
import type { CapturedPacket, ConnectionEvent, PacketFate } from './captured.ts'
import { hex } from './export-text.ts'

/** A comment shows so much of a packet, in octets. */
const mostHex = 200
/** And so much of a text, in characters. */
const mostText = 200

/** A text of a stranger on one line: control characters as `\u{a}`, and not endless. */
export function visible(text: string): string {
  const cut = text.length > mostText ? `${text.slice(0, mostText)}…` : text
  return cut.replaceAll(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** Such as `packet 19, PUBLISH to the broker, QoS 2, topic plant/set, Packet Identifier 7: 34190009…`. */
export function describePacket(packet: CapturedPacket, version: ProtocolVersion): string {
  const { number, direction, length, malformed, octets } = packet
  const start = `packet ${number}`
  const end = `${direction}, ${length} octets: ${hex(octets, mostHex)}`
  if (malformed) return `${start}, not a Control Packet (${malformed}), ${end}`
  const { type, qos, dup, retain, topic, packetId } = summarize(octets, version)
  const parts = [
    `${start}, ${type ?? 'of a reserved type'}`,
    qos === undefined ? '' : `QoS ${qos}`,
    dup ? 'DUP' : '',
    retain ? 'RETAIN' : '',
    topic === undefined ? '' : `topic ${visible(topic)}`,
    packetId === undefined ? '' : `Packet Identifier ${packetId}`,
    end,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** @param was tells what the packet was, where it was changed. */
export function describeSent(
  fate: Extract<PacketFate, { type: 'packet sent' }>,
  copy: number,
  was: () => string,
): string {
  const { by, copies, delay, octets, packet } = fate
  const parts = [
    delay > 0 ? `delayed by ${milliseconds(delay)}` : '',
    copies > 1 ? `copy ${copy} of ${copies}` : '',
    octets === undefined ? '' : 'changed',
  ]
  const what = parts.filter((part) => part !== '').join(', ') || 'sent'
  return `packet ${packet} ${what} by ${visible(by)}${octets === undefined ? '' : `; it was ${was()}`}`
}

export function describeEvent(event: ConnectionEvent): string {
  const because = 'reason' in event && event.reason !== undefined ? `: ${visible(event.reason)}` : ''
  switch (event.type) {
    case 'opened':
      return `opened from ${visible(event.remote)}${event.security === undefined ? '' : `, ${visible(event.security)}`}`
    case 'handshake failed':
      return `${event.transport} from ${visible(event.remote)}: the handshake failed${because}`
    case 'denied':
      return `${visible(event.clientId)} may not ${event.action} to ${visible(event.topic)}: ${visible(event.rule)}`
    case 'closed':
      return `closed by the ${event.by}, ${causes[event.cause]}${because}`
    case 'one end closed':
      return `the ${event.by}'s end closed, ${causes[event.cause]}, and the other end ${event.told ? 'was told' : 'has not heard of it'}${because}`
    case 'fault':
      return event.device === undefined
        ? `fault: ${visible(event.what)}, by ${visible(event.by)}`
        : `fault of the device ${visible(event.device.id)}: ${visible(event.what)}, by ${visible(event.by)}`
    case 'target reached':
      return `${visible(event.url)} was reached${event.security === undefined ? '' : `, ${visible(event.security)}`}`
    case 'target failed':
      return `${visible(event.url)} failed${because}`
    case 'power loss':
      return `power loss of ${visible(event.clientId)}`
    case 'will published':
      return `the will of ${visible(event.clientId)} was published to ${visible(event.topic)}${because}`
    case 'will dropped':
      return `the will of ${visible(event.clientId)} was dropped${because}`
    default:
      return `${event.type}: packet ${event.packet}, by ${visible(event.by)}`
  }
}

const causes = {
  fin: 'with FIN',
  rst: 'with RST',
  timeout: 'because the transport gave up',
  local: 'with RST',
} as const

function milliseconds(nanoseconds: number): string {
  return `${Math.round(nanoseconds / 1000) / 1000} ms`
}
