import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { StoreChoice } from '../../../../main/broker/stores/open-store.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { type BrokerProgram, buildBroker, KillableBroker } from '../../../helpers/killable-broker.ts'
import { ack, type Connect, publish, type Version } from '../../../helpers/mqtt-octets.ts'
import { property } from '../../../helpers/mqtt-reading.ts'
import { startRedis } from '../../../helpers/redis-server.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

let program: BrokerProgram
beforeAll(async () => {
  program = await buildBroker()
})
afterAll(() => program.remove())

interface Chosen {
  readonly choice: StoreChoice
  /** What comes to pass after a broker was killed, before it is started again. */
  readonly killed?: () => Promise<void>
}

async function openBroker(choose: () => Promise<Chosen>): Promise<KillableBroker> {
  const { choice, killed } = await choose()
  const broker = await KillableBroker.start(program, choice, killed)
  onTestFinished(() => broker.kill())
  return broker
}

/** Connects to a Session that is kept. */
async function join(broker: KillableBroker, id: string, options: Connect = {}, version: Version = 4) {
  // A broker that was killed is missed after five seconds where others may share its store, on a machine that is not busy.
  const client = await ConformanceClient.open(broker, version, 30_000)
  onTestFinished(() => void client.socket.destroy())
  const kept = version === 5 ? { properties: [['sessionExpiryInterval', 3600] as const] } : {}
  const connack = await client.connect({ id, clean: false, ...kept, ...options })
  return { client, connack }
}

const stores = [
  ['LevelDB', async () => ({ choice: { type: 'level', folder: `${await temporaryFolder()}/broker` } })],
  ['Redis', missedAtOnce],
] as const satisfies [string, () => Promise<Chosen>][]

/** Five seconds pass in no time. Where a test kills and starts by itself, they pass as they do. */
async function missedAtOnce(): Promise<Chosen> {
  const { url, expire } = await startRedis()
  return { choice: { type: 'redis', url }, killed: () => expire('faultline:alive/*') }
}

// Each starts several processes, on a machine that may be busy.
describe.each(stores)('a broker with a %s store that is killed and started again', (_, choose) => {
  it.each([4, 5] as const)('has the Session, its Subscriptions and what waits in it (version %i)', async (version) => {
    const broker = await openBroker(choose)
    const first = await join(broker, 'meter', {}, version)
    expect(first.connack.sessionPresent).toBe(false)
    await first.client.subscribe([
      ['plant/+/level', 1],
      ['exact', 2],
      ['gone', 1],
    ])
    await first.client.unsubscribe(['gone'])
    await first.client.hangUp()
    const publisher = await join(broker, 'pump')
    for (let n = 0; n < 20; n++) await publisher.client.publish('plant/1/level', `one ${n}`, { qos: 1 })
    await publisher.client.publish('exact', 'two', { qos: 2 })
    await publisher.client.publish('gone', 'x', { qos: 1 })
    await broker.restart()

    const { client, connack } = await join(broker, 'meter', {}, version)
    expect(connack.sessionPresent).toBe(true)
    const came = await client.takeAll(21)
    expect(came.map(({ text }) => text)).toEqual([...Array.from({ length: 20 }, (_, n) => `one ${n}`), 'two'])
    expect(came.map(({ dup }) => dup)).toEqual(came.map(() => false))
    await client.expectNothing()
    const later = await join(broker, 'pump')
    expect(later.connack.sessionPresent).toBe(true)
    await later.client.publish('plant/2/level', 'live', { qos: 1 })
    expect((await client.take()).text).toBe('live')
  })

  it('has what was acknowledged by the client, and only that, out of the queue', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'meter')
    await client.subscribe([['n', 1]])
    const publisher = await join(broker, 'pump')
    for (let n = 0; n < 5; n++) await publisher.client.publish('n', String(n), { qos: 1 })
    const came = await client.receiveAll('PUBLISH', 5)
    for (const one of came.slice(0, 2)) await client.answer(one)
    await client.ping()
    await broker.restart()
    const again = await join(broker, 'meter')
    const left = await again.client.takeAll(3)
    expect(left.map(({ text, dup, packetId }) => ({ text, dup, packetId }))).toEqual(
      came.slice(2).map(({ text, packetId }) => ({ text, dup: true, packetId })),
    )
    await again.client.expectNothing()
  })

  it('goes on with PUBREL where PUBREC had come, in the order of PUBREC [MQTT-4.6.0-4]', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'meter')
    await client.subscribe([['n', 2]])
    const publisher = await join(broker, 'pump')
    for (let n = 0; n < 4; n++) await publisher.client.publish('n', String(n), { qos: 2 })
    const ids = (await client.receiveAll('PUBLISH', 4)).map(({ packetId }) => packetId)
    for (const n of [2, 0]) {
      client.send(ack('PUBREC', ids[n] as number))
      await client.receive('PUBREL')
    }
    await broker.restart()
    const again = (await join(broker, 'meter')).client
    const came = [await again.next(), await again.next(), await again.next(), await again.next()]
    const released = came.filter(({ kind }) => kind === 'PUBREL').map(({ packetId }) => packetId)
    const sent = came.filter(({ kind }) => kind === 'PUBLISH')
    expect(released).toEqual([ids[2], ids[0]])
    expect(sent.map(({ text, dup, packetId }) => ({ text, dup, packetId }))).toEqual([
      { text: '1', dup: true, packetId: ids[1] },
      { text: '3', dup: true, packetId: ids[3] },
    ])
    for (const id of released) again.send(ack('PUBCOMP', id))
    for (const one of sent) await again.answer(one)
    await again.expectNothing()
  })

  it('knows the QoS 2 messages that it took and were not released, and delivers none again', async () => {
    const broker = await openBroker(choose)
    const meter = await join(broker, 'meter')
    await meter.client.subscribe([['n', 2]])
    const { client } = await join(broker, 'pump')
    client.send(publish(4, 'n', 'once', { qos: 2, packetId: 7 }))
    await client.receive('PUBREC')
    await meter.client.take()
    await meter.client.ping()
    await broker.restart()
    const again = (await join(broker, 'pump')).client
    again.send(publish(4, 'n', 'once', { qos: 2, packetId: 7, dup: true }))
    await again.receive('PUBREC')
    again.send(ack('PUBREL', 7))
    await again.receive('PUBCOMP')
    const reader = (await join(broker, 'meter')).client
    await reader.expectNothing(again)
    await broker.restart()
    const anew = (await join(broker, 'pump')).client
    await anew.publish('n', 'another', { qos: 2, packetId: 7 })
    expect((await (await join(broker, 'meter')).client.take()).text).toBe('another')
  })

  it('has the retained messages that were acknowledged, with their properties', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'pump', {}, 5)
    const given = [
      ['contentType', 'text/plain'],
      ['userProperty', ['a', 'b']],
    ] as const
    await client.publish('a', 'first', { qos: 1, retain: true, properties: given })
    await client.publish('b', 'second', { qos: 2, retain: true })
    await client.publish('c', 'third', { qos: 1, retain: true })
    await client.publish('c', '', { qos: 1, retain: true })
    await broker.restart()
    const reader = (await join(broker, 'reader', {}, 5)).client
    await reader.subscribe([['#', 2]])
    const came = await reader.takeAll(2)
    expect(came.map(({ topic, text, qos, retain }) => ({ topic, text, qos, retain }))).toEqual([
      { topic: 'a', text: 'first', qos: 1, retain: true },
      { topic: 'b', text: 'second', qos: 2, retain: true },
    ])
    expect(came[0]?.properties).toEqual(given)
    await reader.expectNothing()
  })

  it('publishes the will of a client that was there, once, also of one whose Session is not kept', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'reader')
    await client.subscribe([['will/#', 1]])
    await client.hangUp()
    const will = (topic: string) => ({ topic, payload: 'dead', qos: 1 })
    await join(broker, 'kept', { will: will('will/kept') })
    await join(broker, 'clean', { clean: true, will: will('will/clean') })
    const leaves = await join(broker, 'leaves', { will: will('will/leaves') })
    await leaves.client.disconnect()
    await broker.restart()
    const reader = (await join(broker, 'reader')).client
    const came = await reader.takeAll(2)
    expect(came.map(({ topic }) => topic).sort()).toEqual(['will/clean', 'will/kept'])
    await reader.expectNothing()
    await broker.restart()
    expect((await join(broker, 'kept')).connack.sessionPresent).toBe(true)
    expect((await join(broker, 'clean')).connack.sessionPresent).toBe(false)
    await (await join(broker, 'reader')).client.expectNothing()
  })

  it('publishes a delayed will when it is due, and not when its client is back before', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'reader')
    await client.subscribe([['will/#', 1]])
    const options = (topic: string, delay: number) => ({
      will: { topic, payload: 'late', qos: 1, properties: [['willDelayInterval', delay] as const] },
    })
    const due = await join(broker, 'due', options('will/due', 1), 5)
    await due.client.hangUp()
    const back = await join(broker, 'back', options('will/back', 600), 5)
    await back.client.hangUp()
    await join(broker, 'there', options('will/there', 600), 5)
    await broker.restart()
    const reader = (await join(broker, 'reader')).client
    expect((await reader.take()).topic).toBe('will/due')
    for (const id of ['back', 'there']) expect((await join(broker, id, {}, 5)).connack.sessionPresent).toBe(true)
    await broker.restart()
    await (await join(broker, 'reader')).client.expectNothing()
  })

  it('ends Sessions whose Session Expiry Interval has passed meanwhile, and keeps the others', async () => {
    const broker = await openBroker(choose)
    const expiry = (seconds: number): Connect => ({ properties: [['sessionExpiryInterval', seconds]] })
    for (const [id, seconds] of [
      ['short', 1],
      ['long', 600],
    ] as const) {
      const { client } = await join(broker, id, expiry(seconds), 5)
      await client.subscribe([['n', 1]])
      await client.disconnect()
    }
    const left = Date.now()
    await broker.kill()
    // Nothing but time does it.
    while (Date.now() - left < 1100) await new Promise((resolve) => setTimeout(resolve, 20))
    await broker.start()
    expect((await join(broker, 'short', {}, 5)).connack.sessionPresent).toBe(false)
    expect((await join(broker, 'long', {}, 5)).connack.sessionPresent).toBe(true)
  })

  it('has the properties, the Subscription Identifier and the rest of the Message Expiry Interval', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'meter', {}, 5)
    await client.subscribe([['n/#', 1]], [['subscriptionIdentifier', 300]])
    await client.hangUp()
    const publisher = (await join(broker, 'pump', {}, 5)).client
    const given = [
      ['messageExpiryInterval', 500],
      ['correlationData', Buffer.of(0, 1, 255)],
      ['responseTopic', 'answer'],
    ] as const
    await publisher.publish('n/1', 'x', { qos: 1, properties: given })
    await broker.restart()
    const came = await (await join(broker, 'meter', {}, 5)).client.take()
    expect(property(came, 'subscriptionIdentifier')).toBe(300)
    expect(property(came, 'responseTopic')).toBe('answer')
    expect(property(came, 'correlationData')).toEqual(Buffer.of(0, 1, 255))
    const left = property(came, 'messageExpiryInterval') as number
    expect(left).toBeGreaterThan(400)
    expect(left).toBeLessThanOrEqual(500)
  })

  it('has nothing of a Session that a client has ended', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'meter')
    await client.subscribe([['n', 1]])
    await client.hangUp()
    const publisher = (await join(broker, 'pump')).client
    await publisher.publish('n', 'old', { qos: 1 })
    await (await join(broker, 'meter', { clean: true })).client.disconnect()
    await broker.restart()
    const again = await join(broker, 'meter')
    expect(again.connack.sessionPresent).toBe(false)
    await (await join(broker, 'pump')).client.publish('n', 'new', { qos: 1 })
    await again.client.expectNothing()
  })

  it('has all of it after it was stopped in order as well, with the wills published once', async () => {
    const broker = await openBroker(choose)
    const { client } = await join(broker, 'reader')
    await client.subscribe([['will/#', 1]])
    await join(broker, 'clean', { clean: true, will: { topic: 'will/clean', payload: 'dead', qos: 1 } })
    const delayed = {
      topic: 'will/later',
      payload: 'dead',
      properties: [['willDelayInterval', 600] as const],
      qos: 1,
    }
    await (await join(broker, 'later', { will: delayed }, 5)).client.hangUp()
    await broker.stop()
    await broker.start()
    const reader = await join(broker, 'reader')
    expect(reader.connack.sessionPresent).toBe(true)
    const came = await reader.client.takeAll(2)
    expect(came.map(({ topic }) => topic).sort()).toEqual(['will/clean', 'will/later'])
    await reader.client.expectNothing()
  })
})
