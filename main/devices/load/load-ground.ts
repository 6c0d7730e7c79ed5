import type { Clock } from '../../../app/base/clock.ts'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import type { Template } from '../../../app/device/payload-template.ts'
import type { Meter } from '../meter.ts'
import type { Backlog } from './backlog.ts'

export interface Wakeable {
  /** @param due the time that `wakeAt` was called with */
  wake(due: number): void
}

/** What the clients of a fleet share. Times are milliseconds of a monotonic clock. */
export interface LoadGround {
  readonly seed: string | number
  readonly clock: Clock
  readonly address: { readonly host: string; readonly port: number }
  readonly meter: Meter
  /** Of all fleets in the process. */
  readonly backlog: Backlog
  readonly settings: LoadSettings
  readonly topic: Template
  readonly payload: Template
  /** No new messages. */
  readonly paused: boolean
  now(): number
  /** `wake` of the client is to be called with this time when it has come. */
  wakeAt(due: number, client: Wakeable): void
  wentOnline(): void
  wentOffline(): void
}
