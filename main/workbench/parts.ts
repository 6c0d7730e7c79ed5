import type { Clock } from '../../app/base/clock.ts'
import type { Broker } from '../broker/broker.ts'
import type { Devices } from '../devices/devices.ts'
import type { Fleets } from '../devices/fleets.ts'
import type { Wire } from '../link/wire.ts'
import type { ConnectionTable } from '../recorder/connection-table.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { Captures } from './captures.ts'
import type { Deeds } from './deeds.ts'
import type { OwnBroker } from './own-broker.ts'
import type { Project } from './project.ts'
import type { RecordingDesk } from './recording-desk.ts'
import type { ScenarioDesk } from './scenario-desk.ts'
import type { StatsMeter } from './stats-meter.ts'

/** What the handlers of the contract work with. */
export interface Parts {
  readonly clock: Clock
  readonly version: string
  readonly mqttUrl: string
  readonly broker: Broker
  /** Its listeners and its store. */
  readonly own: OwnBroker
  readonly recorder: Recorder
  readonly captures: Captures
  readonly recordings: RecordingDesk
  readonly wire: Wire
  readonly connections: ConnectionTable
  readonly devices: Devices
  readonly fleets: Fleets
  readonly project: Project
  readonly stats: StatsMeter
  readonly scenarios: ScenarioDesk
  /** What is done by hand, over every screen. */
  readonly deeds: Deeds
}
