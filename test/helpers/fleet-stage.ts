import { afterAll, afterEach, beforeAll } from 'vitest'
import { BareBroker } from './bare-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { FleetBench } from './fleet-bench.ts'

/** A broker and fleets for the tests of a file; after each test all fleets are taken away. */
export interface FleetStage {
  readonly assets: DeviceAssets
  readonly broker: BareBroker
  readonly bench: FleetBench
}

/** Each test has to give its fleets ids of their own. */
export function setFleetStage(): FleetStage {
  let stage: FleetStage | undefined

  beforeAll(async () => {
    const assets = await buildDeviceAssets()
    const broker = await BareBroker.open()
    stage = { assets, broker, bench: new FleetBench(assets, broker.port) }
  })
  afterEach(() => stage?.bench.fleets.set([]))
  afterAll(async () => {
    await stage?.bench.close()
    await stage?.broker.close()
    stage?.assets.dispose()
  })

  const there = (): FleetStage => {
    if (stage === undefined) throw new Error('the stage is not set yet: use it inside of a test')
    return stage
  }
  return {
    get assets() {
      return there().assets
    },
    get broker() {
      return there().broker
    },
    get bench() {
      return there().bench
    },
  }
}
