import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import type { CapturedEvent } from '../../../app/capture/captured.ts'
import type { Caller } from '../../../app/contract/caller.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { script } from '../../helpers/device-bench.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

async function openWithPump(): Promise<Caller> {
  const pump = script(`return { client: { will: { topic: 'will', payload: 'offline' } } }`)
  const { caller } = await openWorkbench({ assets, scripts: { pump } })
  await isOnline(caller)
  return caller
}

function isOnline(caller: Caller): Promise<unknown> {
  return until('the pump is online', async () => {
    const [device] = await caller.call('devices.list', {})
    return device?.state === 'online' && device.faults.length === 0
  })
}

async function eventsOf(caller: Caller): Promise<CapturedEvent[]> {
  const { block } = await caller.call('capture.read', { capture: 'live', from: 1, limit: 4096 })
  const batch = new CaptureBatch(block)
  return Array.from({ length: batch.count }, (_, index) => batch.at(index)).filter((one) => one?.kind === 'event')
}

describe('a capture', () => {
  it('shows what was done to a device before what came of it, on the connection that it concerns', async () => {
    const caller = await openWithPump()
    await caller.call('devices.act', { id: 'pump', action: 'crash' })
    const events = await until('the will is published', async () => {
      const all = await eventsOf(caller)
      return all.some(({ event }) => event.type === 'will published') && all
    })
    expect(events.map(({ event }) => (event.type === 'fault' ? event.what : event.type)).slice(0, 2)).toEqual([
      'opened',
      'the program of the device crashes',
    ])
    expect(new Set(events.map(({ connection }) => connection)).size).toBe(1)
    const { entries, dropped } = await caller.call('devices.history', { id: 'pump' })
    expect(entries.at(-1)).toMatchObject({ state: 'script error', reason: 'crash was asked for' })
    expect(dropped).toBe(0)
  })

  it('shows that a second client took the connection over', async () => {
    const caller = await openWithPump()
    await caller.call('devices.act', { id: 'pump', action: 'takeOver' })
    await until('all three connections were there', async () => {
      const all = await eventsOf(caller)
      return all.filter(({ event }) => event.type === 'opened').length === 3 && all
    })
    await isOnline(caller)
    const events = await eventsOf(caller)
    const fault = events.findIndex(({ event }) => event.type === 'fault')
    expect(events[fault]?.event).toMatchObject({ what: 'a second client connects with its Client Identifier' })
    expect(events.slice(0, fault).map(({ event }) => event.type)).toEqual(['opened'])
    expect(events.slice(fault + 1).find(({ event }) => event.type === 'closed')?.connection).toBe(1)
  })

  it('says nothing about a clock, and refuses what is missing in words', async () => {
    const caller = await openWithPump()
    await caller.call('devices.act', { id: 'pump', action: 'clockSkew', settings: { skewMs: 60_000 } })
    expect((await caller.call('devices.list', {}))[0]?.faults).toEqual(['clock 1 min ahead'])
    expect((await eventsOf(caller)).map(({ event }) => event.type)).toEqual(['opened'])
    await expect(
      caller.call('devices.act', { id: 'pump', action: 'useCertificate', settings: { certificate: 'expired' } }),
    ).rejects.toMatchObject({ code: 'wrong-state' })
  })
})
