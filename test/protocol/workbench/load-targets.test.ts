import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../../app/contract/caller.ts'
import { TestAuthority } from '../../helpers/certificates.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { loadScript } from '../../helpers/fleet-bench.ts'
import { startMosquittoTls } from '../../helpers/mosquitto-broker.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { freePort } from '../../helpers/ports.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

const script = loadScript(`topic: 'meter/{id}', every: '1s', client: { reconnect: { after: '50ms', max: '50ms' } }`)

const workspaceOf = (target: unknown) => ({
  'devices/meter.device.ts': script,
  'faultline.json': JSON.stringify({ devices: { meter: { script: 'meter', count: 5, target } } }),
})

/** The reasons that the fleet counts, when each client has failed more than once. */
function reasons(caller: Caller): Promise<string[]> {
  return until(
    'each client has failed twice',
    async () => {
      const errors = (await caller.call('fleets.list', {}))[0]?.counters?.errors ?? {}
      return Object.values(errors).reduce((sum, count) => sum + count, 0) > 10 && Object.keys(errors)
    },
    40_000,
  )
}

describe('load clients whose target cannot be had', () => {
  it('count that nobody listens there, and not the reset that they see', async () => {
    const port = await freePort()
    const { caller } = await openWorkbench({ assets, files: workspaceOf(`mqtt://127.0.0.1:${port}`) })
    expect(await reasons(caller)).toEqual([`nobody listens on 127.0.0.1:${port}`])
  })

  it('count why TLS was refused', async () => {
    const authority = await TestAuthority.create()
    const broker = await startMosquittoTls(await authority.forBroker())
    const { caller } = await openWorkbench({ assets, files: workspaceOf(`mqtts://localhost:${broker.port}`) })
    const [reason, ...others] = await reasons(caller)
    expect(reason).toMatch(/^the target's certificate \(the broker\) is not trusted: /)
    expect(others).toEqual([])
  })
})
