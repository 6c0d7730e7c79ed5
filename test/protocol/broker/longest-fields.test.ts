import { afterEach, describe, expect, it } from 'vitest'
import { type EngineBench, openEngine } from '../../helpers/engine-bench.ts'
import { destroyClients, expectService, join, open } from '../../helpers/hostile-clients.ts'
import { connect, type PropertyList, publish, subscribe, type Version } from '../../helpers/mqtt-octets.ts'
import { type Came, property } from '../../helpers/mqtt-reading.ts'
import { until } from '../../helpers/until.ts'

/** As long as a string can be [MQTT-1.5.4-1]. */
const longest = 'x'.repeat(65_535)

afterEach(destroyClients)

/** Why the broker turned clients away, from now on. */
function turnedAway({ engine }: EngineBench): string[] {
  const reasons: string[] = []
  engine.onTurnedAway(({ reason }) => reasons.push(reason))
  return reasons
}

function snapshot({ engine }: EngineBench, clientId: string) {
  return engine.sessions().find((session) => session.clientId === clientId)
}

describe('The longest field that there is', () => {
  it('as Client Identifier goes without Response Information, which would be longer', async () => {
    const bench = await openEngine()
    const asks: PropertyList = [['requestResponseInformation', 1]]
    const client = await open(bench, 5)
    const none = await client.connect({ version: 5, id: longest, properties: asks })
    expect([none.code, property(none, 'responseInformation')]).toEqual([0, undefined])
    const short = await open(bench, 5)
    const connack = await short.connect({ version: 5, id: 'short', properties: asks })
    expect(property(connack, 'responseInformation')).toBe('response/short')
    // Its whole length still fits.
    const fitting = await open(bench, 5)
    const id = longest.slice('response/'.length)
    const fits = await fitting.connect({ version: 5, id, properties: asks })
    expect(property(fits, 'responseInformation')).toBe(`response/${id}`)
  })

  it('as Authentication Method is not said back in a reason, but for its beginning', async () => {
    const bench = await openEngine()
    const reasons = turnedAway(bench)
    const client = await open(bench, 5)
    client.send(connect({ version: 5, id: 'a', properties: [['authenticationMethod', longest]] }))
    const last = await client.closing()
    expect(last.map(({ kind, code }) => [kind, code])).toEqual([['CONNACK', 0x8c]])
    const said = String(property(last[0] as Came, 'reasonString'))
    expect(said).toMatch(/^enhanced authentication is not offered: x{20,}/)
    expect(said.length).toBeLessThan(300)
    expect(reasons).toEqual([`refused: ${said}`])
    await expectService(bench)
  })

  it('as Protocol Name ends the connection without a word, which a client of no version could not read', async () => {
    const bench = await openEngine()
    const reasons = turnedAway(bench)
    const client = await open(bench, 5)
    client.send(connect({ version: 5, id: 'a', protocolName: longest }))
    expect(await client.closing()).toEqual([])
    expect(reasons).toEqual([expect.stringMatching(/^refused: .*x{100}…$/)])
    expect(reasons[0]?.length).toBeLessThan(1100)
    await expectService(bench)
  })

  it.each([4, 5] as const)('as topic, filter, user name and password is served, version %i', async (version) => {
    const bench = await openEngine()
    const client = await join(bench, 'a', { version, userName: longest, password: longest })
    await client.subscribe([[longest, 1]])
    await client.publish(longest, 'hello', { qos: 1 })
    expect((await client.take()).payload.toString()).toBe('hello')
    await expectService(bench)
  })

  it('in every property of a PUBLISH is delivered, and so is a will with the longest of all', async () => {
    const bench = await openEngine()
    const watcher = await join(bench, 'watcher', { version: 5 })
    await watcher.subscribe([['#', 1]], [['subscriptionIdentifier', 268_435_455]])
    const all: PropertyList = [
      ['contentType', longest],
      ['responseTopic', longest],
      ['correlationData', longest],
      ['userProperty', [longest, longest]],
    ]
    const will = { topic: longest, payload: longest, qos: 1 as const, properties: all }
    const client = await join(bench, 'a', { version: 5, will })
    await client.publish(longest, longest, { qos: 1, properties: all })
    const message = await watcher.take()
    expect([message.topic.length, message.payload.length, message.properties.length]).toEqual([65_535, 65_535, 5])
    client.reset()
    expect((await watcher.take()).topic).toHaveLength(65_535)
    await expectService(bench)
  })
})

describe('A message that fits its publisher and not its subscriber', () => {
  it('is lost for that one alone, which is told of no error: MQTT 5 adds an octet to what 3.1.1 has', async () => {
    const bench = await openEngine()
    const publisher = await join(bench, 'publisher')
    const message = publish(4, 'a', 'x'.repeat(1000), { qos: 1, packetId: 1 })
    const { length } = message
    const limited = (octets: number) => ({ version: 5 as const, properties: [['maximumPacketSize', octets]] as const })
    const small = await join(bench, 'small', limited(length))
    const large = await join(bench, 'large', limited(length + 1))
    const old = await join(bench, 'old')
    for (const client of [small, large, old]) await client.subscribe([['a', 1]])
    publisher.send(message)
    for (const client of [large, old]) expect((await client.take()).payload).toHaveLength(1000)
    await small.ping()
    expect(snapshot(bench, 'small')).toMatchObject({ lost: { tooLarge: 1 }, inflight: 0, queued: 0 })
    await publisher.publish('a', 'short', { qos: 1 })
    expect((await small.take()).payload.toString()).toBe('short')
  })

  it.each<[what: string, octets: number, options: readonly PropertyList[]]>([
    ['a Subscription Identifier', 5, [[['subscriptionIdentifier', 268_435_455]], []]],
    ['a Message Expiry Interval that is passed on', 0, [[], [['messageExpiryInterval', 100]]]],
  ])('also where it is %s that makes it too large', async (_what, added, [subscribing = [], publishing = []]) => {
    const bench = await openEngine()
    const publisher = await join(bench, 'publisher', { version: 5 })
    const message = publish(5, 'a', 'x'.repeat(500), { qos: 1, packetId: 1, properties: publishing })
    const [small, large] = await Promise.all(
      [added - 1, added].map(async (room, at) => {
        const most: PropertyList = [['maximumPacketSize', message.length + room]]
        const client = await join(bench, ['small', 'large'][at] as string, { version: 5, properties: most })
        await client.subscribe([['a', 1]], subscribing)
        return client
      }),
    )
    publisher.send(message)
    // As long as it may be, to the octet.
    expect((await large?.receive('PUBLISH'))?.octets).toHaveLength(message.length + added)
    await small?.ping()
    expect(snapshot(bench, 'small')?.lost.tooLarge).toBe(1)
    expect(snapshot(bench, 'large')?.lost.tooLarge).toBe(0)
    await expectService(bench)
  })
})

describe('Somebody who was not let in yet', () => {
  it.each<Version>([4, 5])('may send a CONNECT of 1 MiB and no more, version %i', async (version) => {
    const bench = await openEngine()
    const reasons = turnedAway(bench)
    const [client, another] = [await open(bench, version), await open(bench, version)]
    // The Fixed Header alone says that it will have 1 MiB, and one octet more.
    another.send(Buffer.of(0x10, 0xfc, 0xff, 0x3f), Buffer.alloc(10))
    client.send(Buffer.of(0x10, 0xfd, 0xff, 0x3f), Buffer.alloc(10))
    expect(await client.closing()).toEqual([])
    expect(reasons).toEqual(['protocol error: a packet is larger than the 1048576 octets allowed'])
    expect([another.closed, bench.engine.counters.connectionsAccepted]).toEqual([false, 0])
    // Who is let in may send more.
    const good = await join(bench, 'good', { version })
    await good.publish('a', 'x'.repeat(2 * 1024 * 1024), { qos: 1 })
    await expectService(bench)
  })

  it('costs no more memory together with all others than 64 MiB', async () => {
    const bench = await openEngine()
    const reasons = turnedAway(bench)
    // Each is as large as it may be, and its last octet never comes.
    const almost = Buffer.concat([Buffer.of(0x10, 0xfc, 0xff, 0x3f), Buffer.alloc(1024 * 1024 - 5)])
    const many = await Promise.all(Array.from({ length: 80 }, () => open(bench)))
    for (const client of many) {
      client.send(almost)
      await new Promise(setImmediate)
    }
    await until('some of them are closed', () => many.filter(({ closed }) => closed).length >= 10)
    expect([...new Set(reasons)]).toEqual(['clients that were not let in yet have sent 67108864 octets already'])
    // They make room again.
    for (const client of many) client.reset()
    await expectService(bench)
  })
})

describe('Maximum Packet Size of the client', () => {
  const connectWith = (most: number, more: PropertyList = []) => ({
    version: 5 as const,
    properties: [['maximumPacketSize', most], ...more] as PropertyList,
  })

  it('leaves out of CONNACK what the client can do without [MQTT-3.1.2-24]', async () => {
    const bench = await openEngine()
    const asks: PropertyList = [['requestResponseInformation', 1]]
    const whole = await (await open(bench, 5)).connect({ id: 'c', ...connectWith(1000, asks) })
    expect(property(whole, 'responseInformation')).toBe('response/c')
    expect(property(whole, 'topicAliasMaximum')).toBe(100)
    const client = await open(bench, 5)
    const cut = await client.connect({ id: 'c', ...connectWith(12, asks) })
    expect([cut.code, cut.properties.map(([name]) => name)]).toEqual([0, ['receiveMaximum']])
    await client.ping()
  })

  it('keeps a client out that takes no CONNACK, and does not end the Session of the one before', async () => {
    const bench = await openEngine()
    const before = await join(bench, 'c', { version: 5 })
    const client = await open(bench, 5)
    const connack = await client.connect({ id: 'c', ...connectWith(7) })
    expect([connack.code, connack.properties]).toEqual([0x95, []])
    await client.closing()
    const silent = await open(bench, 5)
    silent.send(connect({ id: 'c', ...connectWith(4) }))
    expect(await silent.closing()).toEqual([])
    await before.ping()
    expect(bench.engine.counters.connectionsRefused).toBe(2)
  })

  it('ends the connection rather than to send an answer that is larger [MQTT-3.1.2-24]', async () => {
    const bench = await openEngine()
    const client = await join(bench, 'c', connectWith(20))
    await client.subscribe([['fits', 0]])
    client.send(
      subscribe(
        5,
        7,
        Array.from({ length: 30 }, (_, n) => [`q/${n}`, 0] as const),
      ),
    )
    expect((await client.closing()).map(({ kind, code }) => [kind, code])).toEqual([['DISCONNECT', 0x95]])
    expect(bench.engine.census().connected).toBe(0)
    await expectService(bench)
  })
})
