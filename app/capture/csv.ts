import type { Captured, ConnectionEvent } from './captured.ts'
import type { Encoder, ExportContext, FateRecord } from './export-encoder.ts'
import { type ExportRow, exportRow } from './export-row.ts'
import { base64, textOf } from './export-text.ts'

const utf8 = new TextEncoder()
const columns = [
  'number',
  'time_ns',
  'wall_time',
  'connection',
  'client_id',
  'direction',
  'type',
  'packet_id',
  'qos',
  'dup',
  'retain',
  'topic',
  'code',
  'protocol_version',
  'keep_alive',
  'clean',
  'session_present',
  'length',
  'kept',
  'malformed',
  'origin_message',
  'origin_kind',
  'origin_client_id',
  'fates',
  'event',
  'payload_encoding',
  'payload',
] as const

type Cells = Partial<Record<(typeof columns)[number], string | number | boolean | undefined>>

/**
 * CSV [RFC 4180] with a header. A payload that is not UTF-8 is base64, and so are octets that are no Control Packet.
 *
 * Much of the text comes from strangers, and a spreadsheet would run a cell that begins like a formula: a text that
 * begins with = + - @ tab, carriage return, line feed or ' gets a ' before it. Taking off one leading ' gives it back.
 */
export class CsvEncoder implements Encoder {
  readonly #context: ExportContext

  constructor(context: ExportContext) {
    this.#context = context
  }

  begin(): Uint8Array {
    return utf8.encode(`${columns.join(',')}\r\n`)
  }

  *add(record: Captured): Iterable<Uint8Array> {
    const cells = cellsOf(exportRow(record, this.#context))
    yield utf8.encode(`${columns.map((column) => cell(cells[column])).join(',')}\r\n`)
  }

  end(): Uint8Array {
    return new Uint8Array(0)
  }
}

function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r\n']/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

function cellsOf(row: ExportRow): Cells {
  const common: Cells = {
    number: row.number,
    time_ns: row.time,
    wall_time: row.wallTime,
    connection: row.connection,
    client_id: row.clientId,
  }
  if (row.kind === 'event') return { ...common, event: describeEvent(row.event) }
  const { packet, summary, fates } = row
  const publish = summary?.type === 'PUBLISH'
  return {
    ...common,
    direction: packet.direction,
    type: summary?.type,
    packet_id: summary?.packetId,
    qos: summary?.qos,
    dup: publish ? summary.dup : undefined,
    retain: publish ? summary.retain : undefined,
    topic: summary?.topic,
    code: summary?.code,
    protocol_version: summary?.protocolVersion,
    keep_alive: summary?.keepAlive,
    clean: summary?.clean,
    session_present: summary?.sessionPresent,
    length: packet.length,
    kept: packet.length === packet.octets.length ? undefined : packet.octets.length,
    malformed: packet.malformed || undefined,
    origin_message: packet.origin?.message,
    origin_kind: packet.origin?.kind,
    origin_client_id: packet.origin?.clientId,
    fates: fates.length === 0 ? undefined : fates.map(describeFate).join('; '),
    ...payloadCells(packet.malformed ? packet.octets : summary?.payload, packet.malformed !== false),
  }
}

function payloadCells(octets: Uint8Array | undefined, raw: boolean): Cells {
  if (octets === undefined) return {}
  const text = raw ? undefined : textOf(octets)
  if (text !== undefined) return { payload_encoding: 'text', payload: text }
  return { payload_encoding: 'base64', payload: base64(octets) }
}

function describeEvent({ type, ...details }: ConnectionEvent): string {
  return `${type} ${JSON.stringify(details)}`
}

function describeFate({ event }: FateRecord): string {
  if (event.type !== 'packet sent') return `${event.type.replace('packet ', '')} by ${event.by}`
  const much = event.copies === 1 ? '' : ` ${event.copies} times`
  const changed = event.octets === undefined ? '' : ' changed'
  return `sent${changed}${much} after ${event.delay} ns by ${event.by}`
}
