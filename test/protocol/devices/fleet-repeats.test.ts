import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BareBroker } from '../../helpers/bare-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { entry, FleetBench, loadScript } from '../../helpers/fleet-bench.ts'
import { patience, until } from '../../helpers/until.ts'

let assets: DeviceAssets

beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

const clients = 12
const messages = 15
const source = loadScript(`
  topic: 'stream/{id}',
  every: '10ms',
  qos: 1,
  payload: '{n};{count};{int -5 500};{float 0 1 6};{walk 20 0.5 0 40 4};{pick on off fault};{text 24}',
`)

/** What each client has published first, with so many processes and a seed. */
async function streams(loadProcesses: number, seed: number): Promise<Map<string, string[]>> {
  const broker = await BareBroker.open()
  const bench = new FleetBench(assets, broker.port, { loadProcesses, seed })
  bench.fleets.set([entry('s', source, { count: clients })])
  const topics = Array.from({ length: clients }, (_, i) => `stream/s-${i + 1}`)
  await until(
    'every client has published',
    () => topics.every((topic) => broker.texts(topic).length >= messages),
    // Four runs at once, each with processes of its own.
    2 * patience,
  )
  await bench.close()
  await broker.close()
  return new Map(topics.map((topic) => [topic, broker.texts(topic).slice(0, messages)]))
}

describe('the payloads of a load fleet', () => {
  it('are the same, byte for byte, with the same seed on any number of processes, and others with another', async () => {
    const [once, again, elsewhere, other] = await Promise.all([
      streams(1, 7),
      streams(1, 7),
      streams(3, 7),
      streams(1, 8),
    ])
    expect(again).toEqual(once)
    expect(elsewhere).toEqual(once)
    for (const [topic, texts] of other) expect(texts).not.toEqual(once.get(topic))
    expect(new Set([...once.values()].map((texts) => texts.join())).size).toBe(clients)
  })
})

describe('the payloads of scripted devices', () => {
  it('are the same, byte for byte, with the same seed on any number of threads', async () => {
    const script = `import { device, every, faker, sensor } from 'faultline'
export default device(({ id, random }) => {
  const celsius = sensor.randomWalk({ start: 20, step: 0.5, min: 0, max: 40 })
  return {
    connected({ client }) {
      every('10ms', () => client.publish(\`d/\${id}\`, { celsius: celsius.next(), draw: random.next(), name: faker.person.fullName() }, { qos: 1 }))
    },
  }
})`
    const run = async (workers: number) => {
      const broker = await BareBroker.open()
      const bench = new FleetBench(assets, broker.port, {}, { workers })
      bench.fleets.set([entry('d', script, { count: 5 })])
      const topics = Array.from({ length: 5 }, (_, i) => `d/d-${i + 1}`)
      await until('every device has published', () => topics.every((topic) => broker.texts(topic).length >= 10))
      await bench.close()
      await broker.close()
      return topics.map((topic) => broker.texts(topic).slice(0, 10))
    }
    const [once, again] = await Promise.all([run(1), run(3)])
    expect(again).toEqual(once)
    expect(new Set(once.map(String)).size).toBe(5)
  })
})
