import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConsoleLine, DeviceSnapshot, DeviceState } from '../../app/device/device-snapshot.ts'
import type { Devices, DevicesOptions } from '../../main/devices/devices.ts'
import { nodeClock } from '../../main/devices/node-clock.ts'
import { createDevices } from '../../main/devices/supervisor.ts'
import type { DeviceAssets } from './device-assets.ts'
import { until } from './until.ts'

/** A workspace's folder that is not there: most devices read no files. */
const nowhere = join(tmpdir(), 'faultline-no-such-workspace')

/** Devices in their real sandboxes and worker threads, and what is told of them. */
export class DeviceBench {
  readonly devices: Devices
  /** Every state that was told of each device, one after the other. */
  readonly told = new Map<string, DeviceSnapshot[]>()
  readonly lines: ConsoleLine[] = []
  readonly powerLosses: string[] = []
  /** Every fault that was told, as `id: what`. */
  readonly faults: string[] = []

  constructor(assets: DeviceAssets, port: number, options: Partial<DevicesOptions> = {}) {
    this.devices = createDevices({
      clock: nodeClock(0),
      seed: 42,
      workspace: nowhere,
      broker: { host: '127.0.0.1', port },
      assets,
      ...options,
    })
    this.devices.onChanged(({ changed }) => {
      for (const snapshot of changed) this.told.set(snapshot.id, [...(this.told.get(snapshot.id) ?? []), snapshot])
    })
    this.devices.onConsole((lines) => this.lines.push(...lines))
    this.devices.onFault(({ fault, id, phase, what }) => {
      this.faults.push(`${id}: ${what}`)
      if (fault === 'power loss' && phase === 'begins') this.powerLosses.push(id)
    })
  }

  /** Runs scripts, each as one device: the key is its id, its script is `devices/<id>.device.ts`. */
  run(scripts: Record<string, string>): void {
    this.devices.set(Object.entries(scripts).map(([id, source]) => ({ id, script: `devices/${id}.device.ts`, source })))
  }

  /** Gives a device's script new code. */
  reload(id: string, source: string): Promise<number> {
    return this.devices.reload(`devices/${id}.device.ts`, source)
  }

  snapshot(id: string): DeviceSnapshot {
    const found = this.devices.list().find((snapshot) => snapshot.id === id)
    if (found === undefined) throw new Error(`there is no device ${id}`)
    return found
  }

  /** Settles when a device is in a state. */
  reaches(id: string, state: DeviceState, within?: number): Promise<DeviceSnapshot> {
    return until(
      `${id} is ${state}`,
      () => {
        const snapshot = this.snapshot(id)
        return snapshot.state === state && snapshot
      },
      within,
    ).catch((error: Error) => {
      const { state: now, reason } = this.snapshot(id)
      throw new Error(`${error.message}: it is ${now} (${reason})`)
    })
  }

  /** Settles when a device has failed; gives its error. */
  async fails(id: string, within?: number): Promise<NonNullable<DeviceSnapshot['error']>> {
    const { error } = await this.reaches(id, 'script error', within)
    if (error === undefined) throw new Error(`${id} is in script error without an error`)
    return error
  }

  /** What a device's script has logged, and what the workbench has added. */
  console(id: string, level?: ConsoleLine['level']): string[] {
    const { lines } = this.devices.console(id)
    return lines.filter((line) => level === undefined || line.level === level).map(({ text }) => text)
  }

  /** Settles with the first line of a device's console that matches. */
  says(id: string, text: string | RegExp, within?: number): Promise<string> {
    const matches = (line: string) => (typeof text === 'string' ? line === text : text.test(line))
    return until(`${id} says ${text}`, () => this.console(id).find(matches), within).catch((error: Error) => {
      throw new Error(`${error.message}; it said:\n${this.console(id).join('\n')}`)
    })
  }
}

/** A device's script around the body of its factory, which begins on line 3. */
export function script(body: string): string {
  return `import { after, clock, device, every, faker, log, sensor } from 'faultline'\nexport default device(({ id, random }) => {\n${body}\n})\n`
}
