import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decode } from 'cborg'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets

beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

interface Heard {
  readonly topic: string
  readonly payload: Buffer
}

/** A workbench with a new device from a template, and a client that hears everything that is published. */
async function deviceFrom(template: string, name: string) {
  const bench = await openWorkbench({ assets })
  await writeFile(join(bench.workspace, 'faultline.json'), '{ "devices": {} }\n')
  const heard: Heard[] = []
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, { clientId: 'dashboard' })
  onTestFinished(() => client.endAsync(true))
  client.on('message', (topic, payload) => heard.push({ topic, payload }))
  await client.subscribeAsync('#', { qos: 2 })
  const { path } = await bench.caller.call('scripts.create', { name, template })
  expect(path).toBe(`devices/${name}.device.ts`)
  /** The first payload on a topic that fits, read as JSON where it can be. */
  const hears = (topic: string, fits: (value: unknown) => boolean = () => true) =>
    until(`${topic} is published`, () =>
      heard
        .filter((message) => message.topic === topic)
        .map(({ payload }) => read(payload))
        .find(fits),
    ).catch(async (error: Error) => {
      const devices = await bench.caller.call('devices.list', {})
      const states = devices.map(({ id, state, reason }) => `${id} ${state} (${reason})`)
      throw new Error(
        `${error.message}: ${states.join(', ')}; heard ${heard.map((message) => message.topic).join(' ')}`,
      )
    })
  return { ...bench, client, heard, hears }
}

function read(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    return payload.toString()
  }
}

describe('a device from the template', () => {
  it('thermometer publishes its temperature, in tenths of a degree', async () => {
    const { hears, workspace } = await deviceFrom('thermometer', 'hall')
    await hears('room/hall/status', (status) => status === 'online')
    const { celsius } = (await hears('room/hall/temperature')) as { celsius: number }
    expect(celsius).toBeGreaterThan(10)
    expect(celsius).toBeLessThan(30)
    expect(celsius * 10).toBeCloseTo(Math.round(celsius * 10), 6)
    const settings = JSON.parse(await readFile(join(workspace, 'faultline.json'), 'utf8'))
    expect(settings.devices).toEqual({ hall: { script: 'hall' } })
  })

  it('pump obeys commands, also after a power loss', async () => {
    const { caller, client, hears, heard } = await deviceFrom('pump', 'p')
    await hears('plant/p/state', (state) => (state as { turns: number }).turns > 100)
    await client.publishAsync('plant/p/set', '{"running": false}', { qos: 2 })
    await hears('plant/p/state', (state) => (state as { running: boolean }).running === false)
    await caller.call('devices.act', { id: 'p', action: 'powerLoss' })
    await hears('plant/p/status', (status) => status === 'offline')
    const before = heard.length
    await caller.call('devices.act', { id: 'p', action: 'powerOn' })
    const state = await until('it reports again', () =>
      heard.slice(before).find(({ topic }) => topic === 'plant/p/state'),
    )
    expect(read(state.payload)).toEqual({ running: false, turns: 0 })
  })

  it('gps-tracker publishes positions in CBOR', async () => {
    const { hears, heard } = await deviceFrom('gps-tracker', 'van')
    expect(await hears('fleet/van/status')).toMatchObject({ state: 'driving' })
    await hears('fleet/van/position')
    const position = heard.find(({ topic }) => topic === 'fleet/van/position')
    const { latitude, longitude, time } = decode(position?.payload ?? new Uint8Array())
    expect(latitude).toBeCloseTo(52.52, 1)
    expect(longitude).toBeCloseTo(13.405, 1)
    expect(Math.abs(time - Date.now())).toBeLessThan(60_000)
  })

  it('gateway speaks for all of its children', async () => {
    const { hears } = await deviceFrom('gateway', 'g')
    for (const child of ['boiler', 'cellar', 'roof']) {
      await hears(`site/g/${child}/status`, (status) => status === 'online')
      expect(await hears(`site/g/${child}/temperature`)).toMatchObject({ celsius: expect.any(Number) })
    }
  })

  it('firmware-updater takes an update in parts, and reports the new version', async () => {
    const { client, hears, heard } = await deviceFrom('firmware-updater', 'f')
    await hears('firmware/f/status', (status) => (status as { version: string }).version === '1.0.0')
    await client.publishAsync('firmware/f/offer', '{"version": "2.0.0", "parts": 3}', { qos: 2 })
    for (const part of ['one', 'two', 'three']) await client.publishAsync('firmware/f/part', part, { qos: 2 })
    await hears('firmware/f/status', (status) => (status as { version: string }).version === '2.0.0')
    const received = heard
      .filter(({ topic }) => topic === 'firmware/f/status')
      .map(({ payload }) => (read(payload) as { received?: number }).received)
    expect(received.filter((count) => count !== undefined)).toEqual([0, 1, 2, 3])
  })

  it('meter-fleet publishes for each of its meters', async () => {
    const { hears, workspace } = await deviceFrom('meter-fleet', 'm')
    for (const id of ['m-01', 'm-20']) {
      expect(await hears(`meter/${id}/power`)).toMatchObject({ watts: expect.any(Number), at: expect.any(String) })
    }
    const settings = JSON.parse(await readFile(join(workspace, 'faultline.json'), 'utf8'))
    expect(settings.devices).toEqual({ m: { script: 'm', count: 20 } })
  })
})

describe('the screen, making a device,', () => {
  it('is told what it can begin with', async () => {
    const { caller } = await openWorkbench()
    const templates = await caller.call('scripts.templates', {})
    expect(templates).toHaveLength(6)
    expect(templates[0]).toEqual({
      id: 'thermometer',
      title: 'Thermometer',
      description: expect.stringMatching(/^Publishes a temperature/),
    })
  })

  it('is refused a template that is not there', async () => {
    const { caller } = await openWorkbench()
    await expect(caller.call('scripts.create', { name: 'x', template: '../devices/pump' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
