import type { DeviceSnapshot, DeviceState, ScriptError } from '../../app/device/device-snapshot.ts'
import { ConsoleRing } from './console-ring.ts'
import type { StateChange } from './messages.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** What the main thread knows of one device. */
export class DeviceRecord {
  readonly id: string
  /** Names the device to its worker; never used again for another. */
  readonly number: number
  readonly slot: WorkerSlot
  readonly console = new ConsoleRing()
  script: string
  source: string
  /** Counts from power on to power loss; what a worker says of an earlier life is not believed. */
  life = 0
  /** It is offline, and its RAM is gone: the next connection needs a boot. */
  unloaded = false
  #change: StateChange

  constructor(
    definition: { id: string; script: string; source: string },
    number: number,
    slot: WorkerSlot,
    now: number,
  ) {
    this.id = definition.id
    this.script = definition.script
    this.source = definition.source
    this.number = number
    this.slot = slot
    this.#change = { ...nothing, state: 'off', since: now, clientId: definition.id }
  }

  get state(): DeviceState {
    return this.#change.state
  }

  get clientId(): string {
    return this.#change.clientId
  }

  /** It runs, or would if it were not waiting: a restart of its worker boots it. */
  get alive(): boolean {
    return ['booting', 'connecting', 'online', 'backing off'].includes(this.state)
  }

  report(change: StateChange): void {
    this.#change = change
  }

  become(state: DeviceState, reason: string, now: number, error?: ScriptError): void {
    this.#change = { ...nothing, state, reason, since: now, clientId: this.clientId, error }
  }

  snapshot(): DeviceSnapshot {
    return { id: this.id, script: this.script, ...this.#change }
  }
}

const nothing = { reason: '', nextAttemptAt: undefined, attempts: 0, error: undefined }
