import type { Captured, ConnectionEvent } from './captured.ts'
import type { Encoder, ExportContext, FateRecord } from './export-encoder.ts'
import { type ExportRow, exportRow } from './export-row.ts'
import { base64, textOf } from './export-text.ts'

const utf8 = new TextEncoder()

type Cell = string | number | boolean | undefined
type PacketRow = Extract<ExportRow, { kind: 'packet' }>

/** What every row has, and what only that of a packet has, by the column's name; the last two columns are the payload. */
const commonColumns: readonly (readonly [string, (row: ExportRow) => Cell])[] = [
  ['number', ({ number }) => number],
  ['time_ns', ({ time }) => time],
  ['wall_time', ({ wallTime }) => wallTime],
  ['connection', ({ connection }) => connection],
  ['client_id', ({ clientId }) => clientId],
  ['event', (row) => (row.kind === 'event' ? describeEvent(row.event) : undefined)],
]
const packetColumns: readonly (readonly [string, (row: PacketRow) => Cell])[] = [
  ['direction', ({ packet }) => packet.direction],
  ['type', ({ summary }) => summary?.type],
  ['packet_id', ({ summary }) => summary?.packetId],
  ['qos', ({ summary }) => summary?.qos],
  ['dup', ({ summary }) => (summary?.type === 'PUBLISH' ? summary.dup : undefined)],
  ['retain', ({ summary }) => (summary?.type === 'PUBLISH' ? summary.retain : undefined)],
  ['topic', ({ summary }) => summary?.topic],
  ['code', ({ summary }) => summary?.code],
  ['protocol_version', ({ summary }) => summary?.protocolVersion],
  ['keep_alive', ({ summary }) => summary?.keepAlive],
  ['clean', ({ summary }) => summary?.clean],
  ['session_present', ({ summary }) => summary?.sessionPresent],
  ['length', ({ packet }) => packet.length],
  ['kept', ({ packet }) => (packet.length === packet.octets.length ? undefined : packet.octets.length)],
  ['malformed', ({ packet }) => packet.malformed || undefined],
  ['origin_message', ({ packet }) => packet.origin?.message],
  ['origin_kind', ({ packet }) => packet.origin?.kind],
  ['origin_client_id', ({ packet }) => packet.origin?.clientId],
  ['fates', ({ fates }) => (fates.length === 0 ? undefined : fates.map(describeFate).join('; '))],
]
const payloadColumns = ['payload_encoding', 'payload']

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
    const names = [...commonColumns, ...packetColumns].map(([name]) => name)
    return utf8.encode(`${[...names, ...payloadColumns].join(',')}\r\n`)
  }

  *add(record: Captured): Iterable<Uint8Array> {
    const row = exportRow(record, this.#context)
    const common = commonColumns.map(([, value]) => cell(value(row)))
    yield utf8.encode(`${[...common, ...packetCells(row)].join(',')}\r\n`)
  }

  end(): Uint8Array {
    return new Uint8Array(0)
  }
}

function cell(value: Cell): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r\n']/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

function packetCells(row: ExportRow): string[] {
  if (row.kind === 'event') return [...packetColumns, ...payloadColumns].map(() => '')
  const cells = packetColumns.map(([, value]) => cell(value(row)))
  const { malformed, octets } = row.packet
  const text = malformed || row.summary?.payload === undefined ? undefined : textOf(row.summary.payload)
  if (text !== undefined) return [...cells, 'text', cell(text)]
  const raw = malformed ? octets : row.summary?.payload
  return [...cells, ...(raw === undefined ? ['', ''] : ['base64', cell(base64(raw))])]
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
