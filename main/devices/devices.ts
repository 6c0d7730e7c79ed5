import { ChangeFeed } from '../../app/base/change-feed.ts'
import type { Clock } from '../../app/base/clock.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import {
  type ConsoleLine,
  canAct,
  type DeviceAction,
  type DeviceSnapshot,
  type DeviceState,
  type ScriptError,
} from '../../app/device/device-snapshot.ts'
import { ConsoleFeed } from './console-feed.ts'
import { DeviceRecord } from './device-record.ts'
import type { Command, Report } from './messages.ts'
import { RestartLimit } from './restart-limit.ts'
import { type Loss, patience, WorkerSlot } from './worker-slot.ts'

export interface DeviceDefinition {
  /** Unique in the workspace. */
  readonly id: string
  /** Path of the script relative to the workspace, with `/`. */
  readonly script: string
  /** The script's text, TypeScript. */
  readonly source: string
}

export interface DevicesOptions {
  readonly clock: Clock
  readonly seed: string | number
  /** What the devices connect to. */
  readonly broker: { readonly host: string; readonly port: number }
  /** The bundles of `main/devices/guest/worker.ts` and `app/script-api/guest.ts`. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  /** Threads that share the devices among them. @default 2 */
  readonly workers?: number
}

export interface Devices {
  /**
   * Makes the devices those of the list. New ones are powered on; those that are gone disconnect in order; one whose
   * script is another one now is treated as by `reload`; all others run on.
   */
  set(definitions: readonly DeviceDefinition[]): void
  /**
   * Resolves when it is done: the socket closed, or the script booted and its connection under way.
   *
   * @throws FaultlineError `not-found`, or `wrong-state` where the action makes no sense (see `canAct`)
   */
  act(id: string, action: DeviceAction): Promise<void>
  list(): DeviceSnapshot[]
  /**
   * The newest lines of a device's console, oldest first; `dropped` counts those that are gone.
   *
   * @throws FaultlineError `not-found`
   */
  console(id: string): { lines: ConsoleLine[]; dropped: number }
  /**
   * Gives a script's devices new code. A restart is a power loss and a power on, as when firmware is flashed: no
   * DISCONNECT, so the will is published, and RAM is fresh. A device that is off, without power or offline on purpose
   * stays so and has the new code when it is next started; one that was in `script error` starts.
   *
   * @returns how many devices were restarted
   */
  reload(script: string, source: string): Promise<number>
  /** At most every 50 ms; the last state of each device is always told. */
  readonly onChanged: Event<{ changed: DeviceSnapshot[]; removed: string[] }>
  readonly onConsole: Event<ConsoleLine[]>
  /** Fires before the socket is torn down, so that a capture shows the cause first. */
  readonly onPowerLoss: Event<{ id: string; clientId: string }>
  /** Disconnects all devices in order and ends the workers, within a second. */
  close(): Promise<void>
}

/** How long changes are gathered before they are told, in milliseconds. */
const gather = 50

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
  readonly #powerLoss = new Emitter<{ id: string; clientId: string }>()
  #lastNumber = 0

  readonly onChanged: Devices['onChanged']
  readonly onConsole: Devices['onConsole']
  readonly onPowerLoss = this.#powerLoss.event

  constructor({ assets, broker, clock, seed, workers = 2 }: DevicesOptions) {
    this.#clock = clock
    this.#changes = new ChangeFeed(clock, (id) => this.#devices.get(id)?.snapshot())
    this.#consoles = new ConsoleFeed(clock)
    this.onChanged = this.#changes.onChanged
    this.onConsole = this.#consoles.onConsole
    this.#slots = Array.from({ length: workers }, () => {
      const limit = new RestartLimit(clock)
      const slot: WorkerSlot = new WorkerSlot({
        url: assets.worker,
        setup: { broker, seed, guest: assets.guest.href },
        report: (report) => this.#heard(report),
        lost: (loss) => this.#workerLost(slot, loss, limit),
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
      else if (device.script !== definition.script || device.source !== definition.source) {
        device.script = definition.script
        void this.#flash(device, definition.source)
      }
    }
  }

  async act(id: string, action: DeviceAction): Promise<void> {
    const device = this.#get(id)
    if (!canAct(device.state, action)) throw wrongState(device, action)
    switch (action) {
      case 'powerLoss':
        await this.#cutPower(device, 'its power was cut')
        break
      case 'powerOn':
        await this.#boot(device, 'powered on')
        break
      case 'disconnect':
        await this.#tell(device, 'disconnect')
        break
      case 'connect':
        if (device.unloaded) await this.#boot(device, 'its RAM was lost while it was offline')
        else await this.#tell(device, 'connect')
    }
  }

  list(): DeviceSnapshot[] {
    return [...this.#devices.values()].map((device) => device.snapshot())
  }

  console(id: string): { lines: ConsoleLine[]; dropped: number } {
    return this.#get(id).console.read()
  }

  async reload(script: string, source: string): Promise<number> {
    const devices = [...this.#devices.values()].filter((device) => device.script === script)
    const restarted = await Promise.all(devices.map((device) => this.#flash(device, source)))
    return restarted.filter(Boolean).length
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()))
    for (const device of this.#devices.values()) this.#become(device, 'off', 'the workbench was closed')
    this.#changes.flush()
    this.#changes.dispose()
    this.#consoles.dispose()
    this.#powerLoss.dispose()
  }

  #get(id: string): DeviceRecord {
    const device = this.#devices.get(id)
    if (device !== undefined) return device
    throw new FaultlineError({ code: 'not-found', message: `there is no device '${id}'` })
  }

  #add(definition: DeviceDefinition): void {
    const number = ++this.#lastNumber
    const slot = this.#slots[number % this.#slots.length] as WorkerSlot
    const device = new DeviceRecord(definition, number, slot, this.#clock.now())
    this.#devices.set(device.id, device)
    this.#byNumber.set(number, device)
    void this.#boot(device, 'powered on')
  }

  #remove(device: DeviceRecord): void {
    this.#devices.delete(device.id)
    this.#byNumber.delete(device.number)
    this.#changes.touch(device.id, gather)
    void this.#tell(device, 'shut down')
  }

  /** New code: true when the device was restarted with it. */
  async #flash(device: DeviceRecord, source: string): Promise<boolean> {
    device.source = source
    this.#changes.touch(device.id, gather)
    if (device.alive || device.state === 'script error') {
      if (device.alive) this.#tellPowerLoss(device)
      await this.#boot(device, 'its script has changed')
      return true
    }
    if (device.state === 'offline' && !device.unloaded) {
      device.unloaded = true
      await this.#tell(device, 'power loss')
    }
    return false
  }

  /** A worker ends the device's life before, if there is one, without DISCONNECT. */
  #boot(device: DeviceRecord, reason: string): Promise<void> {
    device.life++
    device.unloaded = false
    this.#become(device, 'booting', reason)
    const { id, life, number, script, source } = device
    const clockAhead = this.#clock.now() - (performance.timeOrigin + performance.now())
    return device.slot.request((ticket) => ({
      type: 'boot',
      ticket,
      number,
      life,
      id,
      script,
      source,
      // A clock that is the machine's own is not made to differ by what reading it twice takes.
      clockAhead: Math.abs(clockAhead) < 1 ? 0 : clockAhead,
    }))
  }

  async #cutPower(device: DeviceRecord, reason: string): Promise<void> {
    this.#tellPowerLoss(device)
    device.life++
    device.unloaded = false
    this.#become(device, 'power lost', reason)
    await this.#tell(device, 'power loss')
  }

  #tellPowerLoss(device: DeviceRecord): void {
    this.#powerLoss.fire({ id: device.id, clientId: device.clientId })
  }

  #tell(device: DeviceRecord, type: Exclude<Command['type'], 'boot' | 'close'>): Promise<void> {
    return device.slot.request((ticket) => ({ type, ticket, number: device.number }))
  }

  #become(device: DeviceRecord, state: DeviceState, reason: string, error?: ScriptError): void {
    device.become(state, reason, this.#clock.now(), error)
    this.#changes.touch(device.id, gather)
  }

  #heard(report: Report): void {
    if (report.type !== 'state' && report.type !== 'console') return
    const device = this.#byNumber.get(report.number)
    if (device === undefined) return
    if (report.type === 'console') {
      this.#write(device, report.lines, report.dropped)
    } else if (report.life === device.life && !device.unloaded) {
      device.report(report.change)
      this.#changes.touch(device.id, gather)
    }
  }

  #write(device: DeviceRecord, lines: readonly Omit<ConsoleLine, 'device'>[], dropped = 0): void {
    const named = lines.map((line) => ({ device: device.id, ...line }))
    device.console.add(named, dropped)
    this.#consoles.write(named, gather)
  }

  /** The worker's thread is gone, and with it the RAM and the sockets of all its devices. */
  #workerLost(slot: WorkerSlot, loss: Loss, limit: RestartLimit): void {
    const devices = [...this.#devices.values()].filter((device) => device.slot === slot)
    const blamed = loss.type === 'crashed' ? undefined : this.#byNumber.get(loss.number)
    if (blamed !== undefined) this.#blame(blamed, loss)
    const cause = blamed === undefined ? crashText(loss) : `its worker was stopped because of ${blamed.id}`
    const restart = limit.mayRestart()
    for (const device of devices) {
      if (device === blamed) continue
      if (device.state === 'offline') device.unloaded = true
      if (!device.alive) continue
      this.#tellPowerLoss(device)
      if (restart) void this.#boot(device, `restarted: ${cause}`)
      else this.#switchOff(device, `switched off: ${cause}, for the ${limit.most}th time in a minute`)
    }
  }

  #blame(device: DeviceRecord, loss: Loss): void {
    const message =
      loss.type === 'hung'
        ? `did not come back within ${patience / 1000} s`
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

function wrongState(device: DeviceRecord, action: DeviceAction): FaultlineError {
  const words = { powerLoss: 'lose its power', powerOn: 'be powered on', disconnect: 'disconnect', connect: 'connect' }
  return new FaultlineError({
    code: 'wrong-state',
    message: `${device.id} cannot ${words[action]}: it is ${device.state === 'off' ? 'switched off' : device.state}`,
  })
}
