import { type PacketSummary, summarize } from '../mqtt/summary.ts'
import { type Captured, type CapturedPacket, type ConnectionEvent, clientOf } from './captured.ts'
import type { ExportContext, FateRecord } from './export-encoder.ts'
import { wallTimeText } from './export-text.ts'

/** A record with everything that a line about it says. */
export type ExportRow = {
  readonly number: number
  readonly time: number
  readonly wallTime: string
  /** Undefined where the record concerns none. */
  readonly connection: number | undefined
  readonly clientId: string | undefined
} & (
  | { readonly kind: 'event'; readonly event: ConnectionEvent }
  | {
      readonly kind: 'packet'
      readonly packet: CapturedPacket
      /** Undefined of what is malformed: nobody knows what its octets mean. */
      readonly summary: PacketSummary | undefined
      readonly fates: readonly FateRecord[]
    }
)

export function exportRow(record: Captured, context: ExportContext): ExportRow {
  const { number, time, connection } = record
  const { captureStart, connections } = context
  const wallTime = wallTimeText(captureStart, time)
  const clientId = connections.clientId(connection)
  const common = { number, time, wallTime, connection: connection || undefined, clientId }
  if (record.kind === 'event') {
    return { ...common, clientId: clientId ?? clientOf(record.event), kind: 'event', event: record.event }
  }
  return {
    ...common,
    kind: 'packet',
    packet: record,
    summary: record.malformed ? undefined : summarize(record.octets, connections.version(connection) ?? 4),
    fates: context.fatesOf(number),
  }
}
