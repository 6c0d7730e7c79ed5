import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { openStore } from '../../../../main/broker/stores/open-store.ts'
import { RedisStore } from '../../../../main/broker/stores/redis-store.ts'
import { logValue } from '../../../../main/broker/stores/shared-store.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { auditDeliveries, isDelivered } from '../../../helpers/delivery-audit.ts'
import { openEngine } from '../../../helpers/engine-bench.ts'
import { type BrokerProgram, buildBroker, KillableBroker } from '../../../helpers/killable-broker.ts'
import { ack, type Connect, connect, publish, type Version } from '../../../helpers/mqtt-octets.ts'
import { freePort } from '../../../helpers/ports.ts'
import { type RedisServer, startRedis } from '../../../helpers/redis-server.ts'
import { SteadyPublisher, SteadySubscriber } from '../../../helpers/steady-client.ts'
import { until } from '../../../helpers/until.ts'

/** In each, clients go to another broker; in every second one a broker is killed, in every third one Redis is cut off. */
const rounds = Number(process.env['CLUSTER_ROUNDS'] ?? 8)
const seed = process.env['CRASH_SEED'] ?? '1'

let program: BrokerProgram
beforeAll(async () => {
  program = await buildBroker()
})
afterAll(() => program.remove())

async function openBroker({ url }: RedisServer): Promise<KillableBroker> {
  const broker = await KillableBroker.start(program, { type: 'redis', url })
  onTestFinished(() => broker.kill())
  return broker
}

async function openTwo() {
  const redis = await startRedis()
  const [a, b] = await Promise.all([openBroker(redis), openBroker(redis)])
  return { redis, a, b }
}

/** Connects to a Session that is kept. */
async function join(broker: KillableBroker, id: string, options: Connect = {}, version: Version = 4) {
  // A broker that was killed is missed after five seconds, on a machine that is not busy.
  const client = await ConformanceClient.open(broker, version, 30_000)
  onTestFinished(() => void client.socket.destroy())
  const kept = version === 5 ? { properties: [['sessionExpiryInterval', 3600] as const] } : {}
  const connack = await client.connect({ id, clean: false, ...kept, ...options })
  return { client, connack }
}

describe('two brokers with one Redis', () => {
  it('give what is published at one to the subscribers of the other, in order', async () => {
    const { a, b } = await openTwo()
    const { client } = await join(b, 'meter', { clean: true })
    await client.subscribe([['plant/#', 2]])
    const publisher = (await join(a, 'pump')).client
    for (const qos of [0, 1, 2] as const) {
      for (let n = 0; n < 5; n++) await publisher.publish('plant/1', `${qos} ${n}`, { qos })
    }
    const came = await client.takeAll(15)
    const expected = [0, 1, 2].flatMap((qos) => [0, 1, 2, 3, 4].map((n) => ({ qos, text: `${qos} ${n}` })))
    expect(came.map(({ qos, text }) => ({ qos, text }))).toEqual(expected)
    await client.expectNothing(publisher)
  })

  it('have the same retained messages, and those are gone for both when one is deleted', async () => {
    const { a, b } = await openTwo()
    const publisher = (await join(a, 'pump', {}, 5)).client
    const list = [['contentType', 'text/plain']] as const
    await publisher.publish('a', 'kept', { qos: 1, retain: true, properties: list })
    await publisher.publish('b', 'gone', { qos: 0, retain: true })
    await publisher.publish('b', '', { qos: 1, retain: true })
    const { client } = await join(b, 'reader', {}, 5)
    await client.fence(publisher)
    await client.subscribe([['#', 1]])
    const came = await client.take()
    expect(came).toMatchObject({ topic: 'a', text: 'kept', retain: true, properties: list })
    await client.expectNothing(publisher)
  })

  it.each([4, 5] as const)(
    'serve a Session where its client comes, with all that is in it (version %i)',
    async (version) => {
      const { a, b } = await openTwo()
      const first = (await join(a, 'meter', {}, version)).client
      await first.subscribe([
        ['one', 1],
        ['two', 2],
      ])
      const publisher = (await join(a, 'pump')).client
      await publisher.publish('one', 'unanswered', { qos: 1 })
      await publisher.publish('two', 'received', { qos: 2 })
      const unanswered = await first.receive('PUBLISH')
      const received = await first.receive('PUBLISH')
      first.send(ack('PUBREC', received.packetId))
      await first.receive('PUBREL')
      // Its own QoS 2 message, not released.
      first.send(publish(version, 'own', 'once', { qos: 2, packetId: 9 }))
      await first.receive('PUBREC')
      await first.hangUp()
      await publisher.publish('one', 'queued at a', { qos: 1 })
      const other = (await join(b, 'valve')).client
      await other.publish('one', 'queued at b', { qos: 1 })

      const { client, connack } = await join(b, 'meter', {}, version)
      expect(connack.sessionPresent).toBe(true)
      const came = [await client.next(), await client.next(), await client.next(), await client.next()]
      const release = came.find(({ kind }) => kind === 'PUBREL')
      expect(release?.packetId).toBe(received.packetId)
      client.send(ack('PUBCOMP', received.packetId))
      const sent = came.filter(({ kind }) => kind === 'PUBLISH')
      expect(sent.map(({ text, dup }) => ({ text, dup }))).toEqual([
        { text: 'unanswered', dup: true },
        { text: 'queued at a', dup: false },
        { text: 'queued at b', dup: false },
      ])
      expect(sent[0]?.packetId).toBe(unanswered.packetId)
      for (const one of sent) await client.answer(one)
      const reader = (await join(a, 'reader')).client
      await reader.subscribe([['own', 2]])
      client.send(publish(version, 'own', 'once', { qos: 2, packetId: 9, dup: true }))
      await client.receive('PUBREC')
      await reader.expectNothing(client)
      await publisher.publish('one', 'live', { qos: 1 })
      expect((await client.take()).text).toBe('live')
      await client.expectNothing(publisher)
    },
  )

  it('let a client in at one of them only: the one before is taken over [MQTT-3.1.4-3]', async () => {
    const { a, b } = await openTwo()
    const watcher = (await join(a, 'watcher')).client
    await watcher.subscribe([['will', 1]])
    const will = { topic: 'will', payload: 'gone', qos: 1 } as const
    for (const clean of [true, false]) {
      const first = (await join(a, 'meter', { will, clean }, 5)).client
      const second = await join(b, 'meter', { clean }, 5)
      expect(second.connack.sessionPresent).toBe(!clean)
      const last = (await first.closing()).at(-1)
      expect(last).toMatchObject({ kind: 'DISCONNECT', code: 0x8e })
      expect((await watcher.take()).text).toBe('gone')
      await second.client.ping()
      await second.client.disconnect()
    }
    await watcher.expectNothing()
  })

  it('begin anew where the client asks for it at the other one', async () => {
    const { a, b } = await openTwo()
    const first = (await join(a, 'meter')).client
    await first.subscribe([['n', 1]])
    await first.hangUp()
    const { client, connack } = await join(b, 'meter', { clean: true })
    expect(connack.sessionPresent).toBe(false)
    await client.disconnect()
    const again = await join(a, 'meter')
    expect(again.connack.sessionPresent).toBe(false)
    await (await join(b, 'pump')).client.publish('n', 'x', { qos: 1 })
    await again.client.expectNothing()
  })

  it('assign Client Identifiers that differ', async () => {
    const { a, b } = await openTwo()
    const assigned = await Promise.all(
      [a, b].map(async (broker) => {
        const { connack } = await join(broker, '', { clean: true }, 5)
        return connack.properties.find(([name]) => name === 'assignedClientIdentifier')?.[1]
      }),
    )
    expect(new Set(assigned).size).toBe(2)
    expect(assigned).not.toContain(undefined)
  })

  it('go on with the Sessions and the wills of one that is killed', async () => {
    const { a, b } = await openTwo()
    const reader = (await join(b, 'reader')).client
    await reader.subscribe([['will/#', 1]])
    const will = (topic: string) => ({ topic, payload: 'dead', qos: 1, retain: true })
    const meter = (await join(a, 'meter', { will: will('will/meter') })).client
    await meter.subscribe([['n', 1]])
    await join(a, 'clean', { clean: true, will: will('will/clean') })
    const publisher = (await join(a, 'pump')).client
    for (let n = 0; n < 10; n++) await publisher.publish('n', `before ${n}`, { qos: 1 })
    await a.kill()
    const other = (await join(b, 'valve')).client
    for (let n = 0; n < 10; n++) await other.publish('n', `after ${n}`, { qos: 1 })
    expect((await reader.takeAll(2)).map(({ topic }) => topic).sort()).toEqual(['will/clean', 'will/meter'])
    const { client, connack } = await join(b, 'meter')
    expect(connack.sessionPresent).toBe(true)
    const texts = (await client.takeAll(20)).map(({ text }) => text)
    const ten = (word: string) => Array.from({ length: 10 }, (_, n) => `${word} ${n}`)
    expect(texts).toEqual([...ten('before'), ...ten('after')])
    await client.expectNothing(other)
    await reader.expectNothing(other)
    expect((await join(b, 'clean')).connack.sessionPresent).toBe(false)
  })

  it('do not listen any more to one that was taken for dead and was not', async () => {
    const { a, b } = await openTwo()
    const meter = (await join(a, 'meter')).client
    await meter.subscribe([['n', 1]])
    const publisher = (await join(a, 'pump')).client
    a.freeze()
    const { client, connack } = await join(b, 'meter')
    expect(connack.sessionPresent).toBe(true)
    publisher.send(publish(4, 'n', 'too late', { qos: 1, packetId: 1 }))
    a.thaw()
    expect(await publisher.closing()).toEqual([])
    await meter.closing()
    const other = (await join(b, 'pump')).client
    await other.publish('n', 'in time', { qos: 1 })
    expect((await client.take()).text).toBe('in time')
    await client.expectNothing(other)
    const back = await join(a, 'meter')
    expect(back.connack.sessionPresent).toBe(true)
    await client.closing()
    await other.publish('n', 'for all to see', { qos: 1 })
    expect((await back.client.take()).text).toBe('for all to see')
    await back.client.expectNothing(other)
  })

  it(
    `lose nothing and deliver QoS 2 once in ${rounds} rounds in which clients move, brokers are killed, or Redis is cut off (seed ${seed})`,
    async () => {
      const random = createRandom(seed, 'cluster')
      const { redis, a, b } = await openTwo()
      const brokers = [a, b] as const
      const anyBroker = () => brokers[random.integer(0, 1)] as KillableBroker
      let packets = 0
      const count = () => {
        packets += 1
      }
      const publishers = ([4, 5] as const).map((version) => {
        const topics = ([1, 2] as const).map((qos) => ({ topic: `q${qos}/p${version}`, qos, retain: false }))
        return new SteadyPublisher(`publisher-${version}`, version, count, { topics, window: 20 })
      })
      const audited = ([4, 5] as const).map((version) => ({
        subscriber: new SteadySubscriber(`reader-${version}`, version, count, { filter: '#', qos: 2 }),
        topics: /./,
        once: /^q2/,
      }))
      const subscribers = audited.map(({ subscriber }) => subscriber)
      const all = [...subscribers, ...publishers]
      onTestFinished(() => {
        for (const client of all) client.leave()
      })
      await Promise.all(subscribers.map((subscriber) => subscriber.join(anyBroker())))
      await until('all are subscribed', () => subscribers.every(({ isSubscribed }) => isSubscribed))
      await Promise.all(publishers.map((publisher) => publisher.join(anyBroker())))

      for (let round = 1; round <= rounds; round++) {
        const enough = packets + random.integer(20, 400)
        await until('clients get packets', () => packets > enough)
        if (round % 3 === 0) await redis.cut()
        if (round % 2 === 0) await anyBroker().restart()
        // The others are where they were, or are taken over.
        const moving = round % 2 === 0 ? all : all.filter(() => random.next() < 0.6)
        await Promise.all(moving.map((client) => client.join(anyBroker())))
        await until('every client is served', () => all.every(({ isServed }) => isServed))
      }

      for (const publisher of publishers) publisher.isPaused = true
      await until('all handshakes are done', () => publishers.every(({ unfinished }) => unfinished === 0))
      await until('everything is delivered', () => isDelivered(publishers, audited))
      const messages = publishers.flatMap(({ sent }) => [...sent.values()]).reduce((sum, number) => sum + number, 0)
      process.stdout.write(`${rounds} rounds, ${messages} messages acknowledged\n`)
      expect(all.flatMap(({ complaints }) => complaints)).toEqual([])
      expect(auditDeliveries(publishers, audited)).toEqual({ lost: [], doubled: [], disordered: [] })
      expect(messages).toBeGreaterThan(rounds * 10)
    },
    60_000 + rounds * 20_000,
  )
})

describe('a broker with a Redis', () => {
  it('says that a Session is damaged, and ends the connection of its client, which does not wait for ever', async () => {
    const { url } = await startRedis()
    const problems: Error[] = []
    const store = await RedisStore.open(url, systemClock)
    const damaged = new Map([['h', Buffer.of(99)]])
    await store.write(new Map([['session/meter', { isDropped: false, changes: damaged }]]))
    const bench = await openEngine({ store, onProblem: (error) => problems.push(error) })
    const client = await ConformanceClient.open(bench, 5)
    client.send(connect({ version: 5, id: 'meter', clean: false }))
    await client.closing()
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('is damaged')])
    const other = await ConformanceClient.open(bench, 5)
    expect((await other.connect({ id: 'pump' })).code).toBe(0)
    await other.disconnect()
  })

  it('says once that it cannot be read', async () => {
    const redis = await startRedis()
    const problems: Error[] = []
    const store = await RedisStore.open(redis.url, systemClock)
    await openEngine({ store, onProblem: (error) => problems.push(error) })
    await redis.stop()
    const said = (what: string) => problems.filter(({ message }) => message.includes(what)).length
    await until('it is said', () => said('cannot be read') > 0)
    await until('it was tried again and again', () => said('cannot be written') > 0)
    expect(said('cannot be read')).toBe(1)
  })
})

describe('the Redis store', () => {
  it('appends to its log once what is written again because nobody knows whether it was', async () => {
    const { url } = await startRedis()
    const store = await RedisStore.open(url, systemClock)
    onTestFinished(() => store.close())
    // Nothing reads its log here.
    store.stopFollowing()
    const entry = (text: string) => logValue('message', Buffer.from(text))
    const log = (...entries: [string, Uint8Array][]) => ({ isDropped: false, changes: new Map(entries) })
    await store.write(new Map([['log', log(['1', entry('a')])]]))
    await store.write(new Map([['log', log(['1', entry('a')], ['2', entry('b')])]]))
    const found = await store.since('0-0')
    expect(found.map(({ number, value }) => [number, String(value)])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  })

  it('writes batches of any size', async () => {
    const { url } = await startRedis()
    const store = await RedisStore.open(url, systemClock)
    onTestFinished(() => store.close())
    const keys = Array.from({ length: 100_000 }, (_, n) => [`topic/${n}`, Buffer.from(String(n))] as const)
    await store.write(new Map([['retained', { isDropped: false, changes: new Map(keys) }]]))
    const loaded = new Map<string, string>()
    await store.load((_, key, value) => loaded.set(key, String(value)))
    expect(loaded.size).toBe(100_000)
    expect(loaded.get('topic/99999')).toBe('99999')
  })

  it('says that no Redis is there', async () => {
    const port = await freePort()
    await expect(openStore({ type: 'redis', url: `redis://127.0.0.1:${port}/3` }, systemClock)).rejects.toMatchObject({
      code: 'connection-closed',
      message: expect.stringContaining(`the store in Redis at 127.0.0.1:${port}/3 cannot be reached`),
    })
  })
})
