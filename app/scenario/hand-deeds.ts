import type { ActionSettings, DeviceAction, DeviceState } from '../device/device-snapshot.ts'
import type { RuleDraft } from '../faults/rule.ts'

/** Something that a user did by hand. `at` is wall time in milliseconds, as of all below. */
export type HandDeed = { readonly at: number } & (
  | { readonly do: 'device'; readonly id: string; readonly action: DeviceAction; readonly settings: ActionSettings }
  | { readonly do: 'rule'; readonly id: string; readonly rule: RuleDraft }
  | { readonly do: 'remove rule'; readonly id: string }
  /** An empty filter is every packet. */
  | { readonly do: 'hold'; readonly id: string; readonly filter: string }
  | { readonly do: 'end hold'; readonly id: string }
  | { readonly do: 'let go' }
  /** About the packet that was held first, or another one: which one that was cannot be said again. */
  | { readonly do: 'decide'; readonly action: 'deliver' | 'drop' | 'twice' }
  | { readonly do: 'speed'; readonly factor: number }
  | { readonly do: 'cut'; readonly clients: string; readonly how: 'rst' | 'fin' }
  | { readonly do: 'heal'; readonly clients: string }
  | {
      readonly do: 'refuse'
      readonly code: number
      readonly clients: string | undefined
      readonly times: number | undefined
    }
  | { readonly do: 'accept' }
  | { readonly do: 'expire'; readonly clientId: string }
  | { readonly do: 'ramp'; readonly fleet: string; readonly count: number; readonly overMs: number }
  /** Something that a scenario has no words for, in the words of the screen. */
  | { readonly do: 'other'; readonly what: string }
)

/** What was seen of devices, whether by their own doing or not. */
export type Sighting = { readonly at: number } & (
  | { readonly saw: 'state'; readonly id: string; readonly state: DeviceState }
  | { readonly saw: 'will'; readonly clientId: string; readonly reason: string }
)

/** An entry of the workspace. */
export interface DraftGroup {
  readonly name: string
  /** `pump` is `devices/pump.device.ts`. */
  readonly script: string
  readonly count: number
  /** Id and Client Identifier of each of its devices, in order; none of a load fleet. */
  readonly devices: readonly { readonly id: string; readonly clientId: string }[]
}
