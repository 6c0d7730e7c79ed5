import type { PacketSummary } from '../mqtt/summary.ts'
import type { Captured } from './captured.ts'
import type { Encoder, ExportContext, FateRecord } from './export-encoder.ts'
import { type ExportRow, exportRow } from './export-row.ts'
import { base64, fromHex, textOf } from './export-text.ts'

const utf8 = new TextEncoder()
const nothing = new Uint8Array(0)

/**
 * JSON Lines: one object a record. A field that a record does not have is left out. Payloads are `{"text"}` where they are
 * UTF-8, else `{"base64"}`; octets that are no Control Packet are in `octets`.
 */
export class JsonLinesEncoder implements Encoder {
  readonly #context: ExportContext

  constructor(context: ExportContext) {
    this.#context = context
  }

  begin(): Uint8Array {
    return nothing
  }

  *add(record: Captured): Iterable<Uint8Array> {
    yield utf8.encode(`${JSON.stringify(lineOf(exportRow(record, this.#context)))}\n`)
  }

  end(): Uint8Array {
    return nothing
  }
}

function lineOf(row: ExportRow): object {
  const { number, time, wallTime, connection, clientId, kind } = row
  const common = { number, time, wallTime, kind, connection, clientId }
  if (row.kind === 'event') return { ...common, event: row.event }
  const { packet, summary, fates } = row
  return {
    ...common,
    direction: packet.direction,
    ...(summary && summaryOf(summary, clientId)),
    length: packet.length,
    kept: packet.length === packet.octets.length ? undefined : packet.octets.length,
    ...(packet.malformed && { malformed: packet.malformed, octets: { base64: base64(packet.octets) } }),
    origin: packet.origin,
    fates: fates.length === 0 ? undefined : fates.map(fateOf),
  }
}

function summaryOf(summary: PacketSummary, clientId: string | undefined): object {
  const { dup, retain, payload, ...fields } = summary
  // These two flags only a PUBLISH has.
  const flags = summary.type === 'PUBLISH' ? { dup, retain } : {}
  // Of a CONNECT what it says itself, be it empty.
  const name = summary.clientId ?? clientId
  return { ...fields, ...flags, clientId: name, payload: payload && octetsOf(payload) }
}

function octetsOf(octets: Uint8Array): { text: string } | { base64: string } {
  const text = textOf(octets)
  return text === undefined ? { base64: base64(octets) } : { text }
}

function fateOf({ number, time, event }: FateRecord): object {
  const { packet: _, ...fate } = event
  if (fate.type !== 'packet sent' || fate.octets === undefined) return { number, time, ...fate }
  return { number, time, ...fate, octets: { base64: base64(fromHex(fate.octets)) } }
}
