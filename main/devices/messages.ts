import type { ConsoleLine, DeviceState, ScriptError } from '../../app/device/device-snapshot.ts'
import type { LoadPlan } from '../../app/script-api/crossing.ts'
import type { MemoryChange, MemoryContent } from './guest/client-memory.ts'
import type { HandledMessage } from './handled-message.ts'
import type { MeterReading } from './meter.ts'

/** What passes between the main thread and a worker that runs devices. */

export interface WorkerSetup {
  readonly seed: string | number
  /** The workspace's folder, absolute; undefined where scripts may read nothing. */
  readonly workspace: string | undefined
  /** URL of the bundle that runs in the sandboxes. */
  readonly guest: string
  /** Whether `handled` is to be reported: it costs. @default false */
  readonly reportHandled?: boolean | undefined
  /** Where the worker writes down which device it is running: see `watchdog.ts`. */
  readonly marks: SharedArrayBuffer
}

/** What a device's flash holds: values as JSON by key. The revision counts its changes. */
export interface FlashContent {
  readonly revision: number
  readonly values: ReadonlyMap<string, string>
}

/** One key of a flash is another now, or gone. */
export interface FlashChange {
  readonly revision: number
  readonly key: string
  readonly value: string | undefined
}

/** Where a device's socket goes: always a listener of this machine. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * What a device is told while it runs.
 * - `power loss` and `shut down` end the life: the first without, the second with DISCONNECT
 * - `connect anew` ends the connection without DISCONNECT and makes another one, or, offline, goes for the next one
 * - `wake` ends `hang`
 * - `explain` says why the connection that it asks for is about to be closed
 */
export type Order =
  | {
      readonly type: 'connect' | 'disconnect' | 'power loss' | 'shut down' | 'crash' | 'hang' | 'wake'
    }
  /** `second` is the number of the second client that is to connect: `second client gone` names it. */
  | { readonly type: 'take over'; readonly second: number }
  | { readonly type: 'explain'; readonly reason: string }
  | {
      readonly type: 'connect anew'
      readonly broker: Address
      readonly wrongPassword: boolean
      /** For the script and the screen, in words. */
      readonly reason: string
    }
  /** By how many milliseconds the device's clock is to be ahead of the workbench's; negative is behind. */
  | { readonly type: 'set clock'; readonly skewMs: number }

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
      readonly fleet: string
      readonly script: string
      readonly source: string
      /** By how many milliseconds the workbench's clock is ahead of the machine's. */
      readonly clockAhead: number
      /** What was kept of its flash; a worker that ran the device before knows it better. */
      readonly flash: FlashContent
      /** What was kept of its client, for a worker that does not have it. */
      readonly memory: MemoryContent | undefined
      readonly broker: Address
      /** See `Order`. */
      readonly wrongPassword: boolean
      readonly skewMs: number
    }
  | (Order & { readonly ticket: number; readonly number: number })
  /** Answered with `inspected`, then `done`. */
  | {
      readonly type: 'inspect'
      readonly ticket: number
      readonly number: number
      readonly script: string
      readonly source: string
      /** See `boot`. */
      readonly clockAhead: number
      /** Runs its factory as well, as for the device with this id, which then is connected to nothing. */
      readonly tryAs?: string | undefined
    }
  /** Answered when all that was reported before has arrived. */
  | { readonly type: 'sync'; readonly ticket: number }
  /** Shuts down all devices, then the worker ends. */
  | { readonly type: 'close' }

/** What a script describes: devices, a load fleet, or nothing because it fails. */
export type Inspection =
  | { readonly kind: 'scripted' }
  | { readonly kind: 'load'; readonly plan: LoadPlan }
  /** `isFleet`: it gives a fleet, and what it says of it is wrong. No device can tell more of that. */
  | { readonly kind: 'failed'; readonly error: ScriptError; readonly isFleet: boolean }

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
  /** The last change of each key that was changed. */
  | { readonly type: 'flash'; readonly number: number; readonly changes: readonly FlashChange[] }
  /** Of a client whose store is flash, before the worker turns to anything else. */
  | { readonly type: 'memory'; readonly number: number; readonly changes: readonly MemoryChange[] }
  /**
   * A device has read a file of the workspace, or looked for it, before anything came of it. The revision is that of
   * what it has read; undefined is nothing.
   */
  | {
      readonly type: 'file used'
      readonly number: number
      readonly life: number
      readonly path: string
      readonly revision: string | undefined
    }
  /** The second client of a `take over` has no connection any more, or was not let in. */
  | {
      readonly type: 'second client gone'
      readonly number: number
      readonly life: number
      readonly second: number
      readonly reason: string
    }
  /** A script's `message` is called. */
  | { readonly type: 'handled'; readonly number: number; readonly message: HandledMessage }
  /** A script's `connected` is done. */
  | { readonly type: 'ready'; readonly number: number; readonly life: number }
  /** What the devices of a fleet have done in this worker since the last reading. */
  | { readonly type: 'metered'; readonly fleet: string; readonly reading: MeterReading }
  | { readonly type: 'inspected'; readonly number: number; readonly inspection: Inspection }
  | { readonly type: 'done'; readonly ticket: number }
  /** The sandbox of a device failed in a way that leaves nothing in this worker to be trusted. */
  | { readonly type: 'poisoned'; readonly number: number; readonly message: string }
