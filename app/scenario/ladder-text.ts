import {
  type Captured,
  type CapturedPacket,
  type ConnectionEvent,
  clientOf,
  isFate,
  type PacketFate,
} from '../capture/captured.ts'
import type { ConnectionNames } from '../capture/subject.ts'
import { type PacketSummary, summarize } from '../mqtt/summary.ts'
import { showPayload } from './match-message.ts'

/** Of the arrow, its words included. */
const arrowWidth = 26
const mostName = 24

/**
 * Packets as a ladder in text, a line each: when, whose, which way, what, and what became of it. A line is such as
 * `0.812 s  pump-01  ──PUBLISH 7 QoS 2──────▶  broker  plant/pump-01/set "70"`, with `✕ dropped by …` at its end where that is so.
 *
 * @param records in their order; a packet's fate is looked for in all of them
 * @param startAt nanoseconds of the capture's time that count as 0
 */
export function ladderText(records: readonly Captured[], names: ConnectionNames, startAt = 0): string[] {
  const fates = new Map<number, PacketFate>()
  for (const record of records) {
    // The last one counts: what was held was sent or dropped later.
    if (record.kind === 'event' && isFate(record.event)) fates.set(record.event.packet, record.event)
  }
  const rows = records.flatMap((record) => {
    if (record.kind === 'event' && isFate(record.event)) return []
    return [{ record, name: nameOf(record, names) }]
  })
  const width = Math.min(mostName, Math.max(0, ...rows.map(({ name }) => name.length)))
  return rows.map(({ name, record }) => {
    const time = `${((record.time - startAt) / 1e9).toFixed(3)} s`.padStart(10)
    const who = cut(name, mostName).padEnd(width)
    const what =
      record.kind === 'event' ? `· ${eventText(record.event)}` : packetText(record, names, fates.get(record.number))
    // What a client sends is never obeyed by a terminal.
    return `${time}  ${who}  ${what}`.replace(/\p{Cc}/gu, '·').trimEnd()
  })
}

function packetText(packet: CapturedPacket, names: ConnectionNames, fate: PacketFate | undefined): string {
  const toClient = packet.direction === 'to client'
  if (packet.malformed !== false) return `${arrow('malformed', toClient)}  broker  ${packet.malformed}${fateText(fate)}`
  const summary = summarize(packet.octets, names.version(packet.connection) ?? 4)
  return `${arrow(titleOf(summary), toClient)}  broker  ${detailOf(summary)}${fateText(fate)}`.trimEnd()
}

function arrow(words: string, toClient: boolean): string {
  const line = cut(words, arrowWidth - 4).padEnd(arrowWidth - 4, '─')
  return toClient ? `◀──${line}─` : `──${line}─▶`
}

function titleOf({ dup, packetId, qos, retain, type }: PacketSummary): string {
  const id = packetId === undefined || packetId === 0 ? '' : ` ${packetId}`
  if (type !== 'PUBLISH') return `${type ?? 'unknown'}${id}`
  return `PUBLISH${id} QoS ${qos ?? '?'}${dup ? ' DUP' : ''}${retain ? ' RETAIN' : ''}`
}

function detailOf(summary: PacketSummary): string {
  const { clean, clientId, code, keepAlive, payload, sessionPresent, topic, type } = summary
  switch (type) {
    case 'PUBLISH':
      return `${topic ?? ''} ${payload === undefined ? '' : showPayload(payload)}`.trim()
    case 'CONNECT':
      return `${clientId === '' ? '(no Client Identifier)' : clientId}${clean ? ' clean' : ''} keep alive ${keepAlive ?? '?'} s`
    case 'CONNACK':
      return `${codeText(code)}${sessionPresent ? ' Session Present' : ''}`.trim()
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return topic ?? ''
    default:
      return codeText(code)
  }
}

function codeText(code: number | undefined): string {
  return code === undefined || code === 0 ? '' : `0x${code.toString(16).padStart(2, '0')}`
}

function fateText(fate: PacketFate | undefined): string {
  if (fate === undefined) return ''
  const by = fate.by === '' ? '' : ` by ${fate.by}`
  if (fate.type === 'packet dropped') return `  ✕ dropped${by}`
  if (fate.type === 'packet held') return `  ‖ held${by}`
  const late = fate.delay > 0 ? ` ${(fate.delay / 1e6).toFixed(0)} ms late` : ''
  const copies = fate.copies > 1 ? ` ×${fate.copies}` : ''
  return `  ≈${late}${copies}${fate.octets === undefined ? '' : ' changed'}${by}`
}

function eventText(event: ConnectionEvent): string {
  switch (event.type) {
    case 'closed':
      return `connection closed by ${event.by}: ${event.cause}${event.reason === undefined ? '' : `, ${event.reason}`}`
    case 'one end closed':
      return `the ${event.by} closed its end: ${event.cause}`
    case 'fault':
      return `fault: ${event.what}`
    case 'will published':
      return `will published to ${event.topic}: ${event.reason}`
    case 'will dropped':
      return `will dropped${event.reason === undefined ? '' : `: ${event.reason}`}`
    case 'denied':
      return `${event.action} ${event.topic} denied: ${event.rule}`
    case 'target failed':
      return `${event.url} failed: ${event.reason}`
    case 'handshake failed':
      return `handshake failed: ${event.reason}`
    default:
      return event.type
  }
}

function nameOf(record: Captured, names: ConnectionNames): string {
  const known = names.clientId(record.connection)
  if (known) return known
  const said = record.kind === 'event' ? clientOf(record.event) : undefined
  return said ?? (record.connection === 0 ? '' : `connection ${record.connection}`)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
