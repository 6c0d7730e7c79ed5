import type { ConsoleLine, DeviceState, ScriptError } from '../../app/device/device-snapshot.ts'

/** What passes between the main thread and a worker that runs devices. */

export interface WorkerSetup {
  readonly broker: { readonly host: string; readonly port: number }
  readonly seed: string | number
  /** URL of the bundle that runs in the sandboxes. */
  readonly guest: string
  /** Where the worker writes down which device it is running: see `watchdog.ts`. */
  readonly marks: SharedArrayBuffer
}

/**
 * A device has a `number`, which is never used again, and lives from boot to power loss; each `life` is numbered, so that
 * a late report of an earlier life is recognised. A command with a `ticket` is answered with `done` when it is carried
 * out.
 */
export type Command =
  | {
      readonly type: 'boot'
      readonly ticket: number
      readonly number: number
      readonly life: number
      readonly id: string
      readonly script: string
      readonly source: string
      /** By how many milliseconds the workbench's clock is ahead of the machine's. */
      readonly clockAhead: number
    }
  | {
      /** `power loss` and `shut down` end the life: the first without, the second with DISCONNECT. */
      readonly type: 'connect' | 'disconnect' | 'power loss' | 'shut down'
      readonly ticket: number
      readonly number: number
    }
  /** Shuts down all devices, then the worker ends. */
  | { readonly type: 'close' }

export interface StateChange {
  readonly state: DeviceState
  readonly reason: string
  readonly since: number
  readonly clientId: string
  readonly nextAttemptAt: number | undefined
  readonly attempts: number
  readonly error: ScriptError | undefined
}

export type WorkerLine = Omit<ConsoleLine, 'device'>

export type Report =
  | { readonly type: 'state'; readonly number: number; readonly life: number; readonly change: StateChange }
  /** `dropped` counts lines that were not passed on because there were too many. */
  | {
      readonly type: 'console'
      readonly number: number
      readonly lines: readonly WorkerLine[]
      readonly dropped: number
    }
  | { readonly type: 'done'; readonly ticket: number }
  /** The sandbox of a device failed in a way that leaves nothing in this worker to be trusted. */
  | { readonly type: 'poisoned'; readonly number: number; readonly message: string }
