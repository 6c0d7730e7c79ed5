import type { LoadSettings } from '../../../app/device/fleet.ts'
import type { LoadPlan } from '../../../app/script-api/crossing.ts'
import type { MeterReading } from '../meter.ts'

/** What passes between the workbench and a process that runs load clients. */

/** One client of a fleet. */
export interface LoadMember {
  readonly id: string
  /** From 1; never twice in a fleet. */
  readonly n: number
}

/** A `fleet` has a number, which is never used again. */
export type LoadCommand =
  | {
      readonly type: 'open'
      readonly fleet: number
      readonly plan: LoadPlan
      readonly seed: string | number
      readonly address: { readonly host: string; readonly port: number }
      /** By how many milliseconds the workbench's clock is ahead of the machine's. */
      readonly clockAhead: number
    }
  | { readonly type: 'add'; readonly fleet: number; readonly members: readonly LoadMember[] }
  /** They disconnect in order. */
  | { readonly type: 'remove'; readonly fleet: number; readonly numbers: readonly number[] }
  | { readonly type: 'change'; readonly fleet: number; readonly settings: LoadSettings }
  /** No new messages; what is in flight is completed. */
  | { readonly type: 'pause'; readonly fleet: number }
  /** All of its clients disconnect in order. */
  | { readonly type: 'close'; readonly fleet: number }
  /** Why the connection that the client of this Client Identifier asks for is about to be closed. Answered. */
  | { readonly type: 'explain'; readonly ticket: number; readonly clientId: string; readonly reason: string }
  /** Whatever was counted by now is to be told at once. Answered. */
  | { readonly type: 'tell'; readonly ticket: number }
  /** All clients of all fleets disconnect in order, then the process ends. */
  | { readonly type: 'end' }

/**
 * What a process tells. `closed`: the clients of a fleet have left, and no report of it will come. `answered`: what
 * has this ticket is done.
 */
export type FromLoadProcess =
  | LoadReport
  | { readonly type: 'closed'; readonly fleet: number }
  | { readonly type: 'answered'; readonly ticket: number }

export interface LoadReport {
  readonly type: 'report'
  readonly fleet: number
  readonly online: number
  /** Messages whose handshake is not finished. */
  readonly inFlight: number
  readonly reading: MeterReading | undefined
}
