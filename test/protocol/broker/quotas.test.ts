import { afterEach, describe, expect, it } from 'vitest'
import { openEngine } from '../../helpers/engine-bench.ts'
import { destroyClients, join } from '../../helpers/hostile-clients.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

describe('a topic with too many levels', () => {
  it('is refused with 0x90 in MQTT 5, and goes nowhere in 3.1.1', async () => {
    const bench = await openEngine({ limits: { maxTopicLevels: 4 } })
    const watcher = await join(bench, 'watcher')
    await watcher.subscribe([['#', 1]])
    for (const version of [4, 5] as const) {
      const client = await join(bench, 'deep', { version })
      for (const qos of [1, 2] as const) {
        const answer = await client.publish('a/b/c/d/e', 'no', { qos, retain: true })
        expect(answer?.code).toBe(version === 5 ? 0x90 : 0)
      }
      await client.publish('a/b/c/d/e', 'no')
      await client.publish('a/b/c/d', 'yes', { qos: 1 })
      expect((await watcher.take()).text).toBe('yes')
    }
    expect(bench.engine.counters.denied).toBe(6)
    expect(bench.engine.census().retained).toBe(0)
    await watcher.expectNothing()
  })

  it('is refused in a Topic Filter, and in a will', async () => {
    const bench = await openEngine({ limits: { maxTopicLevels: 4 } })
    const watcher = await join(bench, 'watcher', { version: 5 })
    const codes = (
      await watcher.subscribe([
        ['a/+/c/d/#', 1],
        ['a/+/+/d', 1],
      ])
    ).codes
    expect(codes).toEqual([0x8f, 1])
    const dying = await join(bench, 'dying', { will: { topic: 'a/b/c/d/e', payload: 'no', qos: 1 } })
    dying.reset()
    await until('its will is settled', () => bench.engine.session('dying') === undefined)
    await watcher.expectNothing()
  })

  it('is by default one with more than 4,096', async () => {
    const bench = await openEngine()
    const client = await join(bench, 'deep', { version: 5 })
    const most = '/'.repeat(4095)
    expect((await client.publish(most, 'x', { qos: 1, retain: true }))?.code).toBe(0x10)
    expect((await client.publish(`${most}/`, 'x', { qos: 1, retain: true }))?.code).toBe(0x90)
    expect(
      (
        await client.subscribe([
          [most, 1],
          [`${most}/`, 1],
        ])
      ).codes,
    ).toEqual([1, 0x8f])
    expect((await client.take()).topic).toBe(most)
  })
})

describe('retained messages', () => {
  it('that are more than the limit are refused with 0x97; those that are there can be replaced and deleted', async () => {
    const bench = await openEngine({ limits: { maxRetained: 2 } })
    const client = await join(bench, 'pub', { version: 5 })
    const code = async (topic: string, payload: string) =>
      (await client.publish(topic, payload, { qos: 1, retain: true }))?.code
    expect(await code('a', '1')).toBe(0x10)
    expect(await code('b', '1')).toBe(0x10)
    expect(await code('c', '1')).toBe(0x97)
    expect(await code('a', '2')).toBe(0x10)
    expect(await code('a', '')).toBe(0x10)
    expect(await code('c', '1')).toBe(0x10)
    expect(bench.engine.census().retained).toBe(2)
    expect((await client.publish('d', 'x', { qos: 1 }))?.code).toBe(0x10)
  })

  it('are bound in octets as well', async () => {
    const bench = await openEngine({ limits: { maxRetainedOctets: 10_000 } })
    const client = await join(bench, 'pub', { version: 5 })
    const answer = await client.publish('a', 'x'.repeat(20_000), { qos: 1, retain: true })
    expect(answer?.code).toBe(0x97)
    for (let n = 0; n < 50; n++) await client.publish(`t/${n}`, 'x', { qos: 1, retain: true })
    expect(bench.engine.census().retained).toBeLessThan(30)
  })

  it('that have expired are gone, whether anybody looks for them or not', async () => {
    const bench = await openEngine()
    const client = await join(bench, 'pub', { version: 5 })
    const properties = [['messageExpiryInterval', 1]] as const
    for (let n = 0; n < 50; n++) await client.publish(`t/${n}`, 'x', { qos: 1, retain: true, properties })
    await client.publish('stays', 'x', { qos: 1, retain: true })
    expect(bench.engine.census().retained).toBeGreaterThan(0)
    await until('only the other one is left', () => bench.engine.census().retained === 1)
    expect(bench.engine.census().retainedOctets).toBe(1)
  })
})

describe('queues', () => {
  it('count small messages for what they take', async () => {
    const bench = await openEngine({ limits: { maxQueuedOctets: 10_000 } })
    const away = await join(bench, 'away', { clean: false })
    await away.subscribe([['t', 1]])
    await away.disconnect()
    const client = await join(bench, 'pub')
    for (let n = 0; n < 100; n++) await client.publish('t', 'x', { qos: 1 })
    expect(bench.engine.session('away')?.session.queued).toBeLessThan(50)
  })

  it('of all Sessions together have a limit, and what is over it is lost to the one that it is for', async () => {
    const bench = await openEngine({ limits: { maxAllQueuedOctets: 20_000 } })
    for (const id of ['large', 'small']) {
      const away = await join(bench, id, { clean: false })
      await away.subscribe([[id, 1]])
      await away.disconnect()
    }
    const client = await join(bench, 'pub')
    const queued = (id: string) => bench.engine.session(id)?.session.queued ?? 0
    for (let n = 0; n < 5; n++) await client.publish('small', String(n), { qos: 1 })
    for (let n = 0; n < 40; n++) await client.publish('large', 'x'.repeat(1000), { qos: 1 })
    expect([queued('small'), queued('large')]).toEqual([5, 15])
    await client.publish('small', 'x'.repeat(700), { qos: 1 })
    expect(queued('small')).toBeGreaterThan(0)
    bench.engine.expireSession('large')
    for (let n = 0; n < 50; n++) await client.publish('small', String(n), { qos: 1 })
    expect(queued('small')).toBeGreaterThan(50)
  })
})
