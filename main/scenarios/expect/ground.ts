import type { Clock } from '../../../app/base/clock.ts'
import type { Event } from '../../../app/base/emitter.ts'
import type { Bench } from '../bench.ts'
import type { Evidence } from '../evidence.ts'
import type { DeviceLives } from './device-lives.ts'
import type { ExchangeIndex } from './exchange-index.ts'

/** What expectations are judged by. */
export interface Ground {
  readonly bench: Bench
  readonly evidence: Evidence
  readonly clock: Clock
  readonly exchanges: ExchangeIndex
  readonly lives: DeviceLives
  /** Something has arrived at a client or a device. */
  readonly onArrived: Event<void>
  /** What was expected once, and is to come anew: see `Spent`. */
  readonly spent: Spent
  /** URL of the broker, where that is not our own. */
  readonly target: string | undefined
}

/** By client or device: how much of what happened to it earlier expectations have taken, as numbers of records where nothing else is said. */
export interface Spent {
  readonly wills: Map<string, number>
  readonly refusals: Map<string, number>
  /** Wall time of the connection that was expected last. */
  readonly reconnects: Map<string, number>
  /** How many of its failures. */
  readonly failures: Map<string, number>
}

/** The Client Identifier of whoever a scenario calls by this id: a device's may be another than its id. */
export function clientIdOf({ bench }: Pick<Ground, 'bench'>, id: string): string {
  return bench.devices.get(id)?.clientId || id
}
