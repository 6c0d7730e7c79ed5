import { describe, expect, it } from 'vitest'
import { entry, loadScript } from '../../helpers/fleet-bench.ts'
import { setFleetStage } from '../../helpers/fleet-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setFleetStage()

const hello = `import { device } from 'faultline'
export default device(({ id }) => ({
  client: { will: { topic: 'hello/will', payload: id } },
  async connected({ client }) {
    await client.publish('hello/' + id, 'one', { qos: 1 })
    await client.publish('hello/' + id, 'two')
  },
}))`

const fails = `import { device } from 'faultline'
// Not a fleet of load clients.
export default device(() => {
  throw new Error('never')
})
const x: = 1`

describe('a scripted fleet', () => {
  it('is devices like any other, which know their fleet, and counts what they publish', async () => {
    stage.bench.fleets.set([entry('a', hello, { count: 4 })])
    const fleet = await stage.bench.becomes(
      'a',
      'is online, and has published',
      ({ counters, online }) => online === 4 && counters?.acknowledged === 4 && counters.published === 8,
    )
    expect(fleet).toMatchObject({ kind: 'scripted', wanted: 4, present: 4, online: 4, settings: undefined })
    expect(fleet.counters).toMatchObject({ published: 8, errors: {} })
    expect(fleet.counters?.latency?.p50).toBeGreaterThan(0)
    expect(stage.bench.devices.devices.list().map(({ id, fleet: of }) => [id, of])).toEqual(
      [1, 2, 3, 4].map((n) => [`a-${n}`, 'a']),
    )
    expect(stage.broker.texts('hello/a-3')).toEqual(['one', 'two'])
  })

  it('starts its devices one after the other within its ramp', async () => {
    stage.bench.fleets.set([entry('slow', hello, { count: 6, rampMs: 600 })])
    expect(stage.bench.snapshot('slow').present).toBe(1)
    await stage.bench.becomes('slow', 'ramps', ({ present }) => present > 1 && present < 6)
    await stage.bench.becomes('slow', 'is complete', ({ online }) => online === 6)
  })

  it('adds devices, and takes the last ones away with DISCONNECT', async () => {
    stage.bench.fleets.set([entry('b', hello, { count: 2 })])
    await stage.bench.becomes('b', 'is online', ({ online }) => online === 2)
    stage.bench.fleets.change('b', { count: 5 })
    await stage.bench.becomes('b', 'has grown', ({ online }) => online === 5)
    stage.bench.fleets.change('b', { count: 1, rampMs: 100 })
    await stage.bench.becomes('b', 'has shrunk', ({ online, present }) => online === 1 && present === 1)
    await until('four have left', () => [2, 3, 4, 5].every((n) => stage.broker.disconnects.includes(`b-${n}`)))
    expect(stage.broker.texts('hello/will')).toEqual([])
    expect(stage.bench.devices.devices.list().map(({ id }) => id)).toEqual(['b-1'])
  })

  it('takes its share where several machines run it together', async () => {
    const shard = (index: number) => entry('c', hello, { count: 8, shard: { index, of: 3 } })
    stage.bench.fleets.set([shard(2)])
    await stage.bench.becomes('c', 'is online', ({ online, wanted }) => online === wanted)
    const ids = () => stage.bench.devices.devices.list().map(({ id }) => id)
    expect(ids()).toEqual(['c-2', 'c-5', 'c-8'])
    stage.bench.fleets.set([])
    stage.bench.fleets.set([shard(3)])
    expect(ids()).toEqual(['c-3', 'c-6'])
  })

  it('starts one device alone where its script cannot be read, so that the mistake is seen once', async () => {
    stage.bench.fleets.set([entry('d', fails, { count: 30 })])
    await stage.bench.becomes('d', 'has one', ({ present }) => present === 1)
    const error = await stage.bench.devices.fails('d-1')
    expect(error).toMatchObject({ file: 'devices/d.device.ts', line: 6 })
    expect(stage.bench.snapshot('d')).toMatchObject({ present: 1, wanted: 30 })
    expect(stage.bench.snapshot('d').error).toMatchObject({ trouble: 'script', file: 'devices/d.device.ts', line: 6 })
    stage.bench.fleets.set([entry('d', hello, { count: 3 })])
    await stage.bench.becomes('d', 'is mended', ({ error: now, online }) => online === 3 && now === undefined)
  })

  it('starts nobody where there are too many, also when its script was looked at first, until there are fewer', async () => {
    stage.bench.fleets.set([
      entry('many', hello, { count: 10_001 }),
      entry('looked', `${hello}\n// no fleet`, { count: 20_000, rampMs: 60_000 }),
      entry('share', hello, { count: 20_000, shard: { index: 1, of: 10_000 } }),
    ])
    const tooMany = { trouble: 'count', message: expect.stringContaining('10,000 devices with a script of their own') }
    expect(stage.bench.snapshot('many')).toMatchObject({ error: tooMany, wanted: 10_001, present: 0 })
    await stage.bench.becomes('looked', 'is refused', ({ error }) => error?.trouble === 'count')
    await stage.bench.becomes('share', 'is a small one', ({ error, online }) => online === 2 && error === undefined)
    expect(stage.bench.devices.devices.list()).toHaveLength(2)
    stage.bench.fleets.change('many', { count: 2 })
    await stage.bench.becomes('many', 'is small enough', ({ error, online }) => online === 2 && error === undefined)
    stage.bench.fleets.set([entry('many', hello, { count: 12_000 })])
    await until('they are gone', () => stage.bench.devices.devices.list().length === 0)
    expect(stage.bench.snapshot('many')).toMatchObject({ error: tooMany, present: 0 })
  })

  it('keeps its old script until it is known what the new one describes', async () => {
    stage.bench.fleets.set([entry('turns', hello, { count: 2 })])
    await stage.bench.becomes('turns', 'is online', ({ online }) => online === 2)
    const before = stage.bench.devices.told.get('turns-1')?.length
    stage.bench.fleets.set([entry('turns', loadScript(`topic: 'turned/{id}', every: '20ms'`), { count: 2 })])
    await stage.bench.becomes('turns', 'is a load', ({ kind, online }) => kind === 'load' && online === 2)
    await until('its devices are gone', () => stage.bench.devices.devices.list().length === 0)
    const told = stage.bench.devices.told.get('turns-1')?.slice(before) ?? []
    expect(told.map(({ state }) => state)).not.toContain('script error')
    expect(told.flatMap(({ error }) => error ?? [])).toEqual([])
  })

  it('becomes a load fleet, and scripted again, as its script says', async () => {
    stage.bench.fleets.set([entry('e', hello, { count: 2 })])
    await stage.bench.becomes('e', 'is scripted', ({ online }) => online === 2)
    stage.bench.fleets.set([entry('e', loadScript(`topic: 'load/{id}', every: '20ms'`), { count: 2 })])
    await stage.bench.becomes('e', 'is a load', ({ kind, online }) => kind === 'load' && online === 2)
    await until('it publishes', () => stage.broker.texts('load/e-2').length > 0)
    expect(stage.bench.devices.devices.list()).toEqual([])
    stage.bench.fleets.set([entry('e', hello, { count: 2 })])
    await stage.bench.becomes('e', 'is scripted again', ({ kind, online }) => kind === 'scripted' && online === 2)
  })

  it('is gone with its entry', async () => {
    const removed: string[] = []
    const listening = stage.bench.fleets.onChanged((change) => removed.push(...change.removed))
    stage.bench.fleets.set([entry('f', hello)])
    await stage.bench.becomes('f', 'is online', ({ online }) => online === 1)
    stage.bench.fleets.set([])
    await until('it is told', () => removed.includes('f'))
    listening.dispose()
    expect(stage.bench.fleets.list()).toEqual([])
  })
})
