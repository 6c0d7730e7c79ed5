import type { Disposable } from '../../app/base/disposable.ts'
import type { DeviceSnapshot, DeviceState, ScriptError } from '../../app/device/device-snapshot.ts'
import { ConsoleRing } from './console-ring.ts'
import { DeviceFaults, type FaultChange } from './device-faults.ts'
import { FlashCopy } from './flash-copy.ts'
import { type CopyRoom, MemoryCopy } from './memory-copy.ts'
import type { Address, StateChange } from './messages.ts'
import { StateHistory } from './state-history.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** An address, and what is behind it: see `DeviceTarget`. */
type Target = Address & { readonly url: string }

/** What the main thread knows of one device. */
export class DeviceRecord {
  readonly id: string
  /** Names the device to its worker; never used again for another. */
  readonly number: number
  readonly slot: WorkerSlot
  readonly console = new ConsoleRing()
  readonly history = new StateHistory()
  readonly faults: DeviceFaults
  readonly flash = new FlashCopy()
  readonly memory: MemoryCopy
  script: string
  source: string
  fleet: string
  /** What it was given to connect to. */
  target: Target
  /** The same broker with another certificate, while that fault is not healed. */
  otherTarget: Target | undefined
  /** Counts from power on to power loss; what a worker says of an earlier life is not believed. */
  life = 0
  /** It is offline, and its RAM is gone: the next connection needs a boot. */
  unloaded = false
  /** What it has read of the workspace since it booted, or looked for in vain: path and revision. */
  readonly files = new Map<string, string | undefined>()
  /** It is being rebooted: its power will return. */
  wake: Disposable | undefined
  #change: StateChange

  constructor(
    definition: { id: string; fleet?: string | undefined; target: Target; script: string; source: string },
    number: number,
    slot: WorkerSlot,
    now: number,
    room: CopyRoom,
    onFault: (device: DeviceRecord, change: FaultChange) => void,
  ) {
    this.faults = new DeviceFaults((change) => onFault(this, change))
    this.memory = new MemoryCopy(room)
    this.id = definition.id
    this.fleet = definition.fleet ?? definition.id
    this.target = definition.target
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

  /** Where its next connection goes. */
  get address(): Address {
    const { host, port } = this.otherTarget ?? this.target
    return { host, port }
  }

  /** It was offline, and has lost its RAM. */
  unload(): void {
    this.unloaded = true
    this.faults.endLife()
  }

  leaveOtherTarget(): void {
    this.otherTarget = undefined
    this.faults.leaveCertificate('it has another target')
  }

  report(change: StateChange): void {
    if (['off', 'power lost', 'script error'].includes(change.state)) this.faults.endLife()
    this.#change = change
    this.history.add({ time: change.since, state: change.state, reason: change.reason })
  }

  become(state: DeviceState, reason: string, now: number, error?: ScriptError): void {
    this.report({ ...nothing, state, reason, since: now, clientId: this.clientId, error })
  }

  snapshot(): DeviceSnapshot {
    const { fleet, id, script, target } = this
    return { id, script, ...this.#change, fleet, target: target.url, faults: this.faults.words() }
  }
}

const nothing = { reason: '', nextAttemptAt: undefined, attempts: 0, error: undefined }
