import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../../app/contract/caller.ts'
import type { FleetSnapshot } from '../../../app/device/fleet.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { script } from '../../helpers/device-bench.ts'
import { loadScript } from '../../helpers/fleet-bench.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

async function becomes(caller: Caller, id: string, what: string, wanted: (fleet: FleetSnapshot) => boolean) {
  return until(`${id} ${what}`, async () => {
    const fleet = (await caller.call('fleets.list', {})).find((one) => one.id === id)
    return fleet !== undefined && wanted(fleet as FleetSnapshot) && fleet
  })
}

function settings(devices: Record<string, object>): string {
  return JSON.stringify({ seed: 7, devices })
}

describe('the fleets of a workspace', () => {
  it('are its entries, with ids as they say, and follow its file', async () => {
    const { caller, heard, workspace } = await openWorkbench({
      assets,
      scripts: { pump: script('return {}'), meter: loadScript(`topic: 'meter/{id}', every: '50ms'`) },
      files: {
        'faultline.json': settings({
          'site-{n}': { script: 'pump', count: 2, stagger: '50ms' },
          meter: { script: 'meter', count: 12, ramp: '300ms' },
        }),
      },
    })
    const changes = heard('fleets.changed')
    await becomes(caller, 'site-{n}', 'is online', ({ online }) => online === 2)
    const meter = await becomes(caller, 'meter', 'publishes', ({ counters }) => (counters?.published ?? 0) > 50)
    expect(meter).toMatchObject({ kind: 'load', script: 'devices/meter.device.ts', wanted: 12, online: 12 })
    const devices = await caller.call('devices.list', {})
    expect(devices.map(({ id, fleet }) => [id, fleet])).toEqual([
      ['site-1', 'site-{n}'],
      ['site-2', 'site-{n}'],
    ])
    expect(changes.flatMap(({ changed }) => changed.map(({ id }) => id))).toContain('meter')

    const file = join(workspace, 'faultline.json')
    await writeFile(file, settings({ meter: { script: 'meter', count: 3 } }))
    await becomes(caller, 'meter', 'has shrunk', ({ online, present }) => online === 3 && present === 3)
    expect((await caller.call('fleets.list', {})).map(({ id }) => id)).toEqual(['meter'])
    await until('the devices are gone', async () => (await caller.call('devices.list', {})).length === 0)
    await until('it is told', () => changes.some(({ removed }) => removed.includes('site-{n}')))
  })

  it('are changed by a screen, which writes nothing to a file', async () => {
    const text = settings({ meter: { script: 'meter', count: 2 } })
    const { caller, port, workspace } = await openWorkbench({
      assets,
      scripts: { meter: loadScript(`topic: 'old', every: '1h'`) },
      files: { 'faultline.json': text },
    })
    await becomes(caller, 'meter', 'is online', ({ online }) => online === 2)
    const watch = await RawClient.connect(port, 'watch')
    await watch.subscribe('new/#', 2)
    const change = { count: 4, topic: 'new/{id}', everyMs: 20, payload: '{count}', qos: 2 as const }
    await caller.call('fleets.change', { id: 'meter', change })
    expect(await watch.receive('publish')).toMatchObject({ qos: 2 })
    await becomes(caller, 'meter', 'has grown', ({ online }) => online === 4)
    await expect(caller.call('fleets.change', { id: 'meter', change: { topic: 'a/#' } })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    await expect(caller.call('fleets.change', { id: 'nobody', change: {} })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await readFile(join(workspace, 'faultline.json'), 'utf8')).toBe(text)
    watch.reset()
  })

  it('take up a script that was saved in the editor', async () => {
    const { caller, port } = await openWorkbench({
      assets,
      scripts: { meter: loadScript(`topic: 'old/{id}', every: '50ms'`) },
    })
    await becomes(caller, 'meter', 'is online', ({ online }) => online === 1)
    const watch = await RawClient.connect(port, 'watch')
    await watch.subscribe('new/#', 0)
    const path = 'devices/meter.device.ts'
    const { revision } = await caller.call('scripts.read', { path })
    const text = loadScript(`topic: 'new/{id}', every: '50ms'`)
    await caller.call('scripts.write', { path, text, basedOn: revision })
    expect(await watch.receive('publish')).toMatchObject({ topic: 'new/meter' })
    watch.reset()
  })
})
