import { afterAll, afterEach, beforeAll } from 'vitest'
import type { DevicesOptions } from '../../main/devices/devices.ts'
import { BareBroker } from './bare-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { DeviceBench } from './device-bench.ts'
import { ScriptedBroker } from './scripted-broker.ts'

export interface DeviceStage {
  readonly assets: DeviceAssets
  readonly broker: BareBroker
  readonly bench: DeviceBench
}

/**
 * Sets up a broker and devices for the tests of a file; after each test all devices are taken away. The threads live on,
 * because starting them takes longer than most tests. Each test has to give its devices ids of their own.
 *
 * @param always scripts by device id that run from the first test to the last
 */
export function setDeviceStage(
  options: Partial<DevicesOptions> = {},
  always: Record<string, string> = {},
): DeviceStage {
  let assets: DeviceAssets | undefined
  let broker: BareBroker | undefined
  let bench: DeviceBench | undefined

  beforeAll(async () => {
    assets = await buildDeviceAssets()
    broker = await BareBroker.open()
    bench = new DeviceBench(assets, broker.port, options)
    bench.run(always)
  })
  afterEach(() => bench?.run(always))
  afterAll(async () => {
    await bench?.devices.close()
    await broker?.close()
    assets?.dispose()
  })

  return {
    get assets() {
      return there(assets)
    },
    get broker() {
      return there(broker)
    },
    get bench() {
      return there(bench)
    },
  }
}

export interface ScriptedStage {
  readonly assets: DeviceAssets
  readonly broker: ScriptedBroker
  readonly bench: DeviceBench
}

/** As `setDeviceStage`, with a broker that does nothing but what a test tells it to. */
export function setScriptedStage(): ScriptedStage {
  let assets: DeviceAssets | undefined
  let broker: ScriptedBroker | undefined
  let bench: DeviceBench | undefined

  beforeAll(async () => {
    assets = await buildDeviceAssets()
    broker = await ScriptedBroker.open()
    bench = new DeviceBench(assets, broker.port, { workers: 1 })
  })
  afterEach(async () => {
    bench?.run({})
    await broker?.forget()
  })
  afterAll(async () => {
    await bench?.devices.close()
    await broker?.close()
    assets?.dispose()
  })

  return {
    get assets() {
      return there(assets)
    },
    get broker() {
      return there(broker)
    },
    get bench() {
      return there(bench)
    },
  }
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the stage is not set yet: use it inside of a test')
  return value
}
