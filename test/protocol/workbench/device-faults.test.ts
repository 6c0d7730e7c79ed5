import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import type { CapturedEvent } from '../../../app/capture/captured.ts'
import type { Caller } from '../../../app/contract/caller.ts'
import type { DeviceAction } from '../../../app/device/device-snapshot.ts'
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

const types = (events: readonly CapturedEvent[]) => events.map(({ event }) => event.type)

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
      'crash begins: its script throws',
    ])
    expect(new Set(events.map(({ connection }) => connection)).size).toBe(1)
    expect(types(events).indexOf('closed')).toBeLessThan(types(events).indexOf('will published'))
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
    expect(events[fault]?.event).toMatchObject({
      what: 'take over begins: a second client connects with its Client Identifier',
    })
    expect(events.slice(0, fault).map(({ event }) => event.type)).toEqual(['opened'])
    expect(events.slice(fault + 1).find(({ event }) => event.type === 'closed')?.connection).toBe(1)
  })

  it('has one line for the beginning and one for the end of each fault, also of a device that has no connection', async () => {
    const caller = await openWithPump()
    const act = (action: DeviceAction, settings = {}) => caller.call('devices.act', { id: 'pump', action, settings })
    await act('clockSkew', { skewMs: 60_000 })
    expect((await caller.call('devices.list', {}))[0]?.faults).toEqual(['clock 1 min ahead'])
    await act('hang')
    await act('heal')
    await isOnline(caller)
    await act('wrongPassword')
    await act('heal')
    await isOnline(caller)
    await act('reboot')
    await isOnline(caller)
    await act('powerLoss')
    await until('its connection is closed', async () =>
      (await caller.call('connections.list', {})).every((c) => !c.open),
    )
    await act('powerOn')
    await isOnline(caller)
    await act('crash')
    await until('it has crashed', async () => (await caller.call('devices.list', {}))[0]?.state === 'script error')
    await until('its connection is closed', async () =>
      (await caller.call('connections.list', {})).every((c) => !c.open),
    )
    await act('powerOn')
    await isOnline(caller)
    const faults = (await eventsOf(caller)).flatMap(({ connection, event }) =>
      event.type === 'fault' ? [{ connection, ...event }] : [],
    )
    expect(faults.map(({ what }) => what)).toEqual([
      'clock skew begins: the clock is 1 min ahead',
      'hang begins: the program stands still',
      'hang ends: healed',
      'clock skew ends: healed',
      'wrong password begins: connects anew with a wrong password',
      'wrong password ends: healed',
      'reboot begins: its power is cut',
      'reboot ends: rebooted',
      'power loss begins: its power is cut',
      'power loss ends: powered on',
      'crash begins: its script throws',
      'crash ends: powered on',
    ])
    expect(faults.every(({ device }) => device?.id === 'pump' && device.clientId === 'pump')).toBe(true)
    const late = faults.filter(({ what }) => /^(power loss|crash) ends/.test(what))
    expect(late.map(({ connection }) => connection)).toEqual([0, 0])
  })

  it('says that a take-over is over when the second client is gone', async () => {
    const caller = await openWithPump()
    await caller.call('devices.act', { id: 'pump', action: 'takeOver' })
    const what = await until('it is over', async () => {
      const all = await eventsOf(caller)
      return all.flatMap(({ event }) => (event.type === 'fault' ? [event.what] : [])).find((one) => /ends/.test(one))
    })
    expect(what).toMatch(/^take over ends: the second client is gone: /)
  })

  it('refuses what is missing in words', async () => {
    const caller = await openWithPump()
    await expect(
      caller.call('devices.act', { id: 'pump', action: 'useCertificate', settings: { certificate: 'expired' } }),
    ).rejects.toMatchObject({ code: 'wrong-state' })
    expect(types(await eventsOf(caller))).toEqual(['opened'])
  })
})
