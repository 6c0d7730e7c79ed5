import type { Captured, CapturedPacket, PacketFate } from './captured.ts'
import type { RecordedConnections } from './recording-connections.ts'

export const exportFormats = ['faultline', 'pcapng', 'jsonl', 'csv'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** The fate of a packet, and when. */
export interface FateRecord {
  readonly number: number
  /** Nanoseconds since the capture began. */
  readonly time: number
  readonly event: PacketFate
}

/** What an encoder can ask about the capture that it writes down. */
export interface ExportContext {
  /** Wall time at which the capture's time is 0, in milliseconds since 1970. */
  readonly captureStart: number
  /** The version of the program. */
  readonly program: string
  /** The filter that chooses the records; empty where all are written. */
  readonly filter: string
  /** As of the record that is being written. */
  readonly connections: RecordedConnections
  /** What became of a packet, up to the end of the export; empty where it simply went on. */
  fatesOf(packet: number): FateRecord[]
  /** A packet that was recorded earlier; undefined where the capture does not have it any more. */
  packet(number: number): CapturedPacket | undefined
}

/** Writes a capture down in one format, record by record in their order. */
export interface Encoder {
  begin(): Uint8Array
  /** In pieces, because a packet of 256 MiB shall not have to lie in memory at once. */
  add(record: Captured): Iterable<Uint8Array>
  end(): Uint8Array
}
