import type { FleetSnapshot } from '../../app/device/fleet.ts'
import type { DevicesOptions } from '../../main/devices/devices.ts'
import type { FleetEntry } from '../../main/devices/fleet-group.ts'
import { createFleets, type Fleets, type FleetsOptions } from '../../main/devices/fleets.ts'
import { nodeClock } from '../../main/devices/node-clock.ts'
import type { DeviceAssets } from './device-assets.ts'
import { DeviceBench } from './device-bench.ts'
import { until } from './until.ts'

/** Fleets in their real threads and processes. */
export class FleetBench {
  readonly devices: DeviceBench
  readonly fleets: Fleets

  constructor(
    assets: DeviceAssets,
    port: number,
    options: Partial<FleetsOptions> = {},
    devices: Partial<DevicesOptions> = {},
  ) {
    const seed = options.seed ?? 42
    this.devices = new DeviceBench(assets, port, { seed, ...devices })
    this.fleets = createFleets({
      clock: nodeClock(0),
      seed,
      workspace: '/no-such-workspace',
      broker: { host: '127.0.0.1', port },
      assets,
      devices: this.devices.devices,
      ...options,
    })
  }

  snapshot(id: string): FleetSnapshot {
    const found = this.fleets.list().find((fleet) => fleet.id === id)
    if (found === undefined) throw new Error(`there is no fleet ${id}`)
    return found
  }

  /** Settles when what is told of a fleet is as wanted. */
  async becomes(id: string, what: string, wanted: (fleet: FleetSnapshot) => boolean, within = 30_000) {
    return until(
      `${id} ${what}`,
      () => {
        const snapshot = this.snapshot(id)
        return wanted(snapshot) && snapshot
      },
      within,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: it is ${JSON.stringify(this.snapshot(id))}`)
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.fleets.close(), this.devices.devices.close()])
  }
}

/** An entry as `faultline.json` would have it. */
export function entry(id: string, source: string, more: Partial<FleetEntry> = {}): FleetEntry {
  const script = `devices/${id}.device.ts`
  return { id, script, source, count: 1, rampMs: 0, idOf: (n) => `${id}-${n}`, ...more }
}

/** A script of a load fleet. */
export function loadScript(options: string): string {
  return `import { fleet } from 'faultline'\nexport default fleet({\n${options}\n})\n`
}
