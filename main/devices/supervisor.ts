import { availableParallelism } from 'node:os'
import { ChangeFeed } from '../../app/base/change-feed.ts'
import type { Clock } from '../../app/base/clock.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type {
  ActionSettings,
  ConsoleLine,
  DeviceAction,
  DeviceSnapshot,
  DeviceState,
  ScriptError,
  StateEntry,
} from '../../app/device/device-snapshot.ts'
import { carryOut, type Hands } from './actions.ts'
import { ConsoleFeed } from './console-feed.ts'
import type { FaultChange } from './device-faults.ts'
import { DeviceRecord } from './device-record.ts'
import type { DeviceDefinition, DeviceFault, Devices, DevicesOptions, DeviceTarget } from './devices.ts'
import { FollowedFiles } from './followed-files.ts'
import { WorkspaceFiles } from './guest/workspace-files.ts'
import type { HandledMessage } from './handled-message.ts'
import { CopyRoom, mostCopied } from './memory-copy.ts'
import type { Order, Report } from './messages.ts'
import type { MeterReading } from './meter.ts'
import { aheadOf } from './node-clock.ts'
import { mostRestarts, RestartLimits } from './restart-limit.ts'
import { type Loss, patience, WorkerSlot } from './worker-slot.ts'

/** Files that somebody is told of, to watch them: a script can make up names. */
const mostFollowed = 2000
/** Who is said to have done what nobody asked for. */
const workbench = 'the workbench'
/** How long changes are gathered before they are told, in milliseconds. */
const gather = 50

/** The workbench needs a core for itself, and each thread some 50 MB of memory. */
function usualWorkers(): number {
  return Math.min(4, Math.max(2, availableParallelism() - 1))
}

export function createDevices(options: DevicesOptions): Devices {
  return new Supervisor(options)
}

class Supervisor implements Devices {
  readonly #clock: Clock
  readonly #slots: WorkerSlot[]
  readonly #devices = new Map<string, DeviceRecord>()
  readonly #byNumber = new Map<number, DeviceRecord>()
  readonly #changes: ChangeFeed<string, DeviceSnapshot>
  readonly #consoles: ConsoleFeed
  readonly #faults = new Emitter<DeviceFault>()
  readonly #metered = new Emitter<{ readonly fleet: string; readonly reading: MeterReading }>()
  readonly #handled = new Emitter<HandledMessage & { readonly device: string }>()
  readonly #ready = new Emitter<string>()
  readonly #fileUsed = new Emitter<string>()
  readonly #fileLeft = new Emitter<string>()
  readonly #followed = new FollowedFiles(mostFollowed)
  readonly #files: WorkspaceFiles
  readonly #broker: DeviceTarget
  readonly #room = new CopyRoom()
  readonly #hands: Hands
  #lastNumber = 0

  readonly onChanged: Devices['onChanged']
  readonly onConsole: Devices['onConsole']
  readonly onFault = this.#faults.event
  readonly onMetered = this.#metered.event
  readonly onHandled = this.#handled.event
  readonly onReady = this.#ready.event
  readonly onFileUsed = this.#fileUsed.event
  readonly onFileLeft = this.#fileLeft.event

  constructor(options: DevicesOptions) {
    const { assets, broker, clock, connectWith, reportHandled, seed, workers = usualWorkers(), workspace } = options
    this.#clock = clock
    this.#files = new WorkspaceFiles(workspace)
    this.#broker = { ...broker, url: '' }
    this.#hands = {
      clock,
      connectWith,
      boot: (device, reason) => this.#boot(device, reason),
      cutPower: (device, reason) => this.#cutPower(device, reason),
      tell: (device, order) => this.#tell(device, order),
      touch: (device) => this.#changes.touch(device.id, gather),
    }
    this.#changes = new ChangeFeed(clock, (id) => this.#devices.get(id)?.snapshot())
    this.#consoles = new ConsoleFeed(clock)
    this.onChanged = this.#changes.onChanged
    this.onConsole = this.#consoles.onConsole
    this.#slots = Array.from({ length: workers }, () => {
      const limits = new RestartLimits(clock)
      const slot: WorkerSlot = new WorkerSlot({
        url: assets.worker,
        setup: { seed, workspace, guest: assets.guest.href, reportHandled },
        report: (report) => this.#heard(report),
        lost: (loss) => this.#workerLost(slot, loss, limits),
      })
      return slot
    })
  }

  set(definitions: readonly DeviceDefinition[]): void {
    const wanted = new Set(definitions.map(({ id }) => id))
    for (const device of [...this.#devices.values()]) if (!wanted.has(device.id)) this.#remove(device)
    for (const definition of definitions) {
      const device = this.#devices.get(definition.id)
      if (device === undefined) this.#add(definition)
      else this.#update(device, definition)
    }
  }

  prepare(): void {
    this.#slots[0]?.prepare()
  }

  async act(id: string, action: DeviceAction, settings: ActionSettings = {}): Promise<void> {
    await carryOut(this.#get(id), action, settings, this.#hands)
  }

  async explain(clientId: string, reason: string): Promise<void> {
    // Its worker knows whether it is connecting: what is known here may be a moment old.
    const devices = [...this.#devices.values()].filter((device) => device.clientId === clientId)
    await Promise.all(devices.map((device) => this.#tell(device, { type: 'explain', reason })))
  }

  list(): DeviceSnapshot[] {
    return [...this.#devices.values()].map((device) => device.snapshot())
  }

  get(id: string): DeviceSnapshot | undefined {
    return this.#devices.get(id)?.snapshot()
  }

  console(id: string): { lines: ConsoleLine[]; dropped: number } {
    return this.#get(id).console.read()
  }

  history(id: string): { entries: StateEntry[]; dropped: number } {
    return this.#get(id).history.read()
  }

  async reload(script: string, source: string): Promise<number> {
    const devices = [...this.#devices.values()].filter((device) => device.script === script)
    const restarted = await Promise.all(devices.map((device) => this.#flash(device, source)))
    return restarted.filter(Boolean).length
  }

  async filesChanged(paths: readonly string[]): Promise<number> {
    // What a device has read before the change must be known here before anybody compares.
    await this.sync()
    const files = paths.map((path) => ({ path, ...this.#files.at(path) }))
    const restarted = [...this.#devices.values()].map((device) => {
      const stale = files.find((file) => device.files.has(file.path) && device.files.get(file.path) !== file.revision)
      return stale !== undefined && this.#flash(device, device.source, `${stale.path} has changed`)
    })
    return (await Promise.all(restarted)).filter(Boolean).length
  }

  async sync(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.sync()))
  }

  usersOf(path: string): number {
    return [...this.#devices.values()].filter((device) => device.files.has(path)).length
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()))
    for (const device of this.#devices.values()) {
      device.wake?.dispose()
      this.#become(device, 'off', 'the workbench was closed')
    }
    this.#changes.flush()
    this.#changes.dispose()
    this.#consoles.dispose()
    this.#faults.dispose()
    this.#handled.dispose()
    this.#ready.dispose()
    this.#fileUsed.dispose()
    this.#fileLeft.dispose()
  }

  #get(id: string): DeviceRecord {
    const device = this.#devices.get(id)
    if (device !== undefined) return device
    throw new FaultlineError({ code: 'not-found', message: `there is no device '${id}'` })
  }

  #add(definition: DeviceDefinition): void {
    const number = ++this.#lastNumber
    const slot = this.#slots.reduce((least, slot) => (slot.devices < least.devices ? slot : least))
    slot.devices++
    const given = { ...definition, target: definition.target ?? this.#broker }
    const device = new DeviceRecord(given, number, slot, this.#clock.now(), this.#room, (of, change) =>
      this.#tellFault(of, change),
    )
    this.#devices.set(device.id, device)
    this.#byNumber.set(number, device)
    if (definition.startsOff === true) this.#changes.touch(device.id, gather)
    else void this.#boot(device, 'powered on')
  }

  #remove(device: DeviceRecord): void {
    this.#devices.delete(device.id)
    this.#byNumber.delete(device.number)
    device.slot.devices--
    device.faults.dispose()
    device.memory.dispose()
    this.#followed.release(device.files.keys())
    device.wake?.dispose()
    this.#changes.touch(device.id, gather)
    void this.#tell(device, { type: 'shut down' })
  }

  #update(device: DeviceRecord, { fleet, id, script, source, target = this.#broker }: DeviceDefinition): void {
    const before = device.target
    const moved = before.host !== target.host || before.port !== target.port || before.url !== target.url
    const renamed = device.fleet !== (fleet ?? id)
    device.fleet = fleet ?? id
    device.target = target
    // What it was told to connect with belongs to the broker that it leaves.
    if (moved) device.leaveOtherTarget()
    if (moved || renamed) this.#changes.touch(device.id, gather)
    if (!moved && device.script === script && device.source === source) return
    device.script = script
    void this.#flash(device, source)
  }

  /** New code: true when the device was restarted with it. */
  async #flash(device: DeviceRecord, source: string, reason = 'its script has changed'): Promise<boolean> {
    device.source = source
    this.#changes.touch(device.id, gather)
    if (device.alive || device.state === 'script error') {
      if (device.alive) device.faults.begin('power loss', reason, workbench)
      await this.#boot(device, reason)
      return true
    }
    if (device.state === 'offline' && !device.unloaded) {
      device.unload()
      await this.#tell(device, { type: 'power loss' })
    }
    return false
  }

  /** A worker ends the device's life before, if there is one, without DISCONNECT. */
  #boot(device: DeviceRecord, reason: string): Promise<void> {
    // A clock that was set while the device was offline is still wrong when it boots to connect.
    if (!device.unloaded) device.faults.endLife()
    this.#beginLife(device, 'booting', reason)
    device.faults.powered(reason)
    this.#followed.release(device.files.keys())
    device.files.clear()
    const { address: broker, faults, fleet, id, life, number, script, source } = device
    const { skewMs, wrongPassword } = faults
    return device.slot.request((ticket) => ({
      type: 'boot',
      ticket,
      number,
      life,
      id,
      fleet,
      script,
      source,
      clockAhead: aheadOf(this.#clock),
      broker,
      wrongPassword,
      skewMs,
      flash: device.flash.content,
      memory: device.memory.takeNeeded(),
    }))
  }

  async #cutPower(device: DeviceRecord, reason: string): Promise<void> {
    this.#beginLife(device, 'power lost', reason)
    await this.#tell(device, { type: 'power loss' })
  }

  /** From here on, nothing is believed that is still said of the life before. */
  #beginLife(device: DeviceRecord, state: DeviceState, reason: string): void {
    device.life++
    device.unloaded = false
    device.wake?.dispose()
    device.wake = undefined
    this.#become(device, state, reason)
  }

  #tellFault({ id, clientId }: DeviceRecord, change: FaultChange): void {
    this.#faults.fire({ id, clientId, ...change })
  }

  #tell(device: DeviceRecord, order: Order): Promise<void> {
    return device.slot.request((ticket) => ({ ...order, ticket, number: device.number }))
  }

  #become(device: DeviceRecord, state: DeviceState, reason: string, error?: ScriptError): void {
    device.become(state, reason, this.#clock.now(), error)
    this.#changes.touch(device.id, gather)
  }

  #heard(report: Report): void {
    if (report.type === 'done' || report.type === 'poisoned' || report.type === 'inspected') return
    if (report.type === 'metered') {
      this.#metered.fire(report)
      return
    }
    const device = this.#byNumber.get(report.number)
    if (device === undefined) return
    if (report.type === 'console') {
      this.#write(device, report.lines, report.dropped)
    } else if (report.type === 'handled') {
      this.#handled.fire({ device: device.id, ...report.message })
    } else if (report.type === 'ready') {
      if (report.life === device.life) this.#ready.fire(device.id)
    } else if (report.type === 'flash') {
      device.flash.apply(report.changes)
    } else if (report.type === 'memory') {
      device.memory.apply(report.changes)
    } else if (report.type === 'second client gone') {
      if (report.life === device.life) device.faults.secondClientGone(report.second, report.reason)
    } else if (report.type === 'file used') {
      if (report.life === device.life) this.#used(device, report.path, report.revision)
    } else if (report.life === device.life && !device.unloaded) {
      device.report(report.change)
      this.#changes.touch(device.id, gather)
    }
  }

  #used(device: DeviceRecord, path: string, revision: string | undefined): void {
    const isKnown = device.files.has(path)
    device.files.set(path, revision)
    if (isKnown) return
    const { follow, leave } = this.#followed.use(path)
    if (leave !== undefined) this.#fileLeft.fire(leave)
    if (follow) this.#fileUsed.fire(path)
  }

  #write(device: DeviceRecord, lines: readonly Omit<ConsoleLine, 'device'>[], dropped = 0): void {
    const named = lines.map((line) => ({ device: device.id, ...line }))
    device.console.add(named, dropped)
    this.#consoles.write(named, gather)
  }

  /** The worker's thread is gone, and with it the RAM and the sockets of all its devices. */
  #workerLost(slot: WorkerSlot, loss: Loss, limits: RestartLimits): void {
    const devices = [...this.#devices.values()].filter((device) => device.slot === slot)
    const blamed = loss.type === 'crashed' ? undefined : this.#byNumber.get(loss.number)
    if (blamed !== undefined) this.#blame(blamed, loss)
    const cause = blamed === undefined ? crashText(loss) : `its worker was stopped because of ${blamed.id}`
    const restart = limits.mayRestart(blamed?.script ?? '')
    for (const device of devices) {
      this.#keepMemory(device)
      if (device === blamed) continue
      if (device.state === 'offline') device.unload()
      if (!device.alive) continue
      device.faults.begin('power loss', cause, workbench)
      if (restart || (blamed !== undefined && device.script !== blamed.script))
        void this.#boot(device, `restarted: ${cause}`)
      else this.#switchOff(device, `switched off: ${cause}, for the ${mostRestarts}th time in a minute`)
    }
  }

  /** What its client has kept in flash goes to the next worker, as far as there was room for a copy. */
  #keepMemory(device: DeviceRecord): void {
    const { memory } = device
    memory.need()
    if (memory.leftOut === 0) return
    const most = `${mostCopied / 1024 / 1024} MiB of what the clients of all devices keep in flash`
    const text = `${memory.leftOut} messages in its client's flash are lost with its worker: the workbench keeps ${most}`
    this.#write(device, [{ time: this.#clock.now(), level: 'error', text }])
  }

  #blame(device: DeviceRecord, loss: Loss): void {
    const message =
      loss.type === 'hung'
        ? `${loss.visited} did not come back within ${patience / 1000} s`
        : `its script broke the sandbox (${loss.type === 'poisoned' ? loss.message : ''})`
    device.life++
    const error = { message, file: device.script, line: undefined, column: undefined, stack: undefined }
    this.#become(device, 'script error', message, error)
    this.#write(device, [{ time: this.#clock.now(), level: 'error', text: `${message} (${device.script})` }])
  }

  #switchOff(device: DeviceRecord, reason: string): void {
    device.life++
    this.#become(device, 'off', reason)
    this.#write(device, [{ time: this.#clock.now(), level: 'error', text: reason }])
  }
}

function crashText(loss: Loss): string {
  return loss.type === 'crashed' ? `its worker stopped (${loss.message})` : 'its worker was stopped'
}
