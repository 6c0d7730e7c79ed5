import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import type { Captured } from './captured.ts'

/** What a filter must be told about a Network Connection, because a single record does not say it. */
export interface ConnectionNames {
  /** The Client Identifier; undefined while it is not known. */
  clientId(connection: number): string | undefined
  version(connection: number): ProtocolVersion | undefined
}

/** A filter that was read and compiled; empty text matches everything. */
export interface CompiledFilter {
  readonly text: string
  matches(record: Captured, names: ConnectionNames): boolean
}
