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

/** What is undefined is left out of the line. One object with fixed fields, because there is one for every record. */
function lineOf(row: ExportRow): object {
  const { number, time, wallTime, connection, clientId, kind } = row
  if (row.kind === 'event') return { number, time, wallTime, kind, connection, clientId, event: row.event }
  const { packet, summary, fates } = row
  const { direction, length, malformed, octets, origin } = packet
  const publish = summary?.type === 'PUBLISH'
  return {
    number,
    time,
    wallTime,
    kind,
    connection,
    // Of a CONNECT what it says itself, be it empty.
    clientId: summary?.clientId ?? clientId,
    direction,
    type: summary?.type,
    packetId: summary?.packetId,
    qos: summary?.qos,
    dup: publish ? summary.dup : undefined,
    retain: publish ? summary.retain : undefined,
    topic: summary?.topic,
    payload: summary?.payload && octetsOf(summary.payload),
    protocolVersion: summary?.protocolVersion,
    keepAlive: summary?.keepAlive,
    clean: summary?.clean,
    sessionPresent: summary?.sessionPresent,
    code: summary?.code,
    length,
    kept: length === octets.length ? undefined : octets.length,
    malformed: malformed || undefined,
    octets: malformed ? { base64: base64(octets) } : undefined,
    origin,
    fates: fates.length === 0 ? undefined : fates.map(fateOf),
  }
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
