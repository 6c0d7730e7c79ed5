import type { PacketType, ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import type { Excuse } from './replay-compare.ts'
import type { FaultExcuses } from './replay-faults.ts'
import type { Observation } from './replay-observation.ts'

/** What is to be sent again of a recording, and what came of it then. */
export interface ReplayPlan {
  readonly connections: readonly ReplayedConnection[]
  /** Of all connections, in the order of the recording. */
  readonly steps: readonly ReplayStep[]
  readonly excuse: Excuse
  /** What of a connection can be otherwise because there were faults when it was recorded; for one comparison. */
  readonly faultsOf: (connection: number) => FaultExcuses
  /** What of the recording cannot be replayed, or not as it was, in sentences. */
  readonly notes: readonly string[]
}

/** A Network Connection of the recording. */
export interface ReplayedConnection {
  readonly number: number
  /** Empty where the client came without one, or never said. */
  readonly clientId: string
  readonly version: ProtocolVersion
  /** What came to it. */
  readonly recorded: Observation
}

interface StepBase {
  readonly connection: number
  /** Milliseconds since the first step. */
  readonly at: number
}

/**
 * - `open`: the client connects
 * - `send`: the client sends this, by itself
 * - `receive`: this came to the client
 * - `answer`: the client answers what came with step `to`, `after` milliseconds later
 * - `end`: the client ends the connection
 * - `ended`: the broker ends the connection
 */
export type ReplayStep = StepBase &
  (
    | { readonly do: 'open' }
    | { readonly do: 'send'; readonly octets: Uint8Array; readonly wellFormed: boolean }
    | {
        readonly do: 'receive'
        readonly type: PacketType | 'malformed'
        readonly identity: string
        /** Of a PUBLISH. */
        readonly qos: QoS | undefined
        /** Whether it can be expected to come again. */
        readonly expected: boolean
      }
    | { readonly do: 'answer'; readonly octets: Uint8Array; readonly to: number; readonly after: number }
    | { readonly do: 'end'; readonly how: 'fin' | 'rst' }
    | { readonly do: 'ended' }
  )
