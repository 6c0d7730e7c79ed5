import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FleetCounters } from '../../../main/devices/fleet-counters.ts'
import { LoadFleet } from '../../../main/devices/load/load-fleet.ts'
import { LoadPool } from '../../../main/devices/load/load-pool.ts'
import { nodeClock } from '../../../main/devices/node-clock.ts'
import { BareBroker } from '../../helpers/bare-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
let broker: BareBroker
let pool: LoadPool

beforeAll(async () => {
  assets = await buildDeviceAssets()
  broker = await BareBroker.open()
  pool = new LoadPool(nodeClock(0), new URL('load-worker.js', assets.worker), 2)
})
afterAll(async () => {
  await pool.close()
  await broker.close()
  assets.dispose()
})

function openFleet(): { fleet: LoadFleet; counters: FleetCounters } {
  const clock = nodeClock(0)
  const counters = new FleetCounters(clock)
  const fleet = new LoadFleet({
    pool,
    clock,
    seed: 1,
    plan: {
      settings: { topic: 'pool/{id}', everyMs: 20, payload: '{count}', qos: 0, retain: false },
      client: {
        protocolVersion: 4,
        clientId: '{id}',
        cleanStart: true,
        keepAlive: 60,
        topicAliases: false,
        store: 'ram',
      },
    },
    address: { host: '127.0.0.1', port: broker.port },
    counters,
    changed: () => {},
    lost: () => {},
  })
  return { fleet, counters }
}

describe('the pool of load processes', () => {
  it('forgets a fleet that is closed, after the last that its clients have counted', async () => {
    const { counters, fleet } = openFleet()
    fleet.add([1, 2, 3].map((n) => ({ n, id: `p-${n}` })))
    await until('it publishes', () => fleet.online === 3 && counters.published > 0)
    expect(pool.fleets).toBe(1)
    fleet.close()
    await until('it is forgotten', () => pool.fleets === 0)
    await until(
      'everything has arrived',
      () => [1, 2, 3].reduce((sum, n) => sum + broker.texts(`pool/p-${n}`).length, 0) === counters.published,
    )
  })

  it('forgets one at once that never had a client', () => {
    const { fleet } = openFleet()
    expect(pool.fleets).toBe(1)
    fleet.close()
    expect(pool.fleets).toBe(0)
  })
})
