import type { ScriptError } from '../../app/device/device-snapshot.ts'
import type { Answer, Ask, Place, ScenarioDraft } from '../../app/script-api/scenario-crossing.ts'

/** What passes between the main thread and the worker that runs the file of one scenario. */

export interface ScenarioSetup {
  /** The workspace's folder, absolute. */
  readonly workspace: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly source: string
  readonly seed: string | number
  /** URL of the bundle that runs in the sandbox. */
  readonly guest: string
  /** URL of the program that makes `faker`'s values: it is loaded for those who use it. */
  readonly fabricator: string
  /** See `watchdog.ts`. */
  readonly marks: SharedArrayBuffer
}

export type ScenarioOrder =
  /** Answered with `planned`, or `failed`. */
  | { readonly type: 'plan' }
  /** Answered with `ended`, or `failed`, after all that the body asks for. */
  | { readonly type: 'run'; readonly groups: Readonly<Record<string, readonly string[]>> }
  | { readonly type: 'settled'; readonly call: number; readonly answer: Answer }

export type ScenarioWord =
  | { readonly type: 'planned'; readonly draft: ScenarioDraft }
  | {
      readonly type: 'asks'
      readonly call: number
      readonly ask: Ask
      readonly place: Place | undefined
      readonly octets: Uint8Array | undefined
    }
  | { readonly type: 'ended'; readonly how: 'returned' | 'failed' }
  | {
      readonly type: 'failed'
      readonly code: 'script-syntax' | 'script-threw' | 'script-timeout'
      readonly error: ScriptError
    }
  /** Something failed that is not the script's, and nothing in this worker is to be trusted. */
  | { readonly type: 'broken'; readonly message: string }
