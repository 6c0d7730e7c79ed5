import { afterEach, describe, expect, it } from 'vitest'
import { openEngine } from '../../helpers/engine-bench.ts'
import { destroyClients, expectService, join, kibibyte, open } from '../../helpers/hostile-clients.ts'
import { ack, connect, octets, packet, pingreq, publish, subscribe } from '../../helpers/mqtt-octets.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

describe('connections that never come to anything', () => {
  it('end when no CONNECT has come in time, also one that comes octet by octet', async () => {
    const bench = await openEngine({ limits: { connectTimeout: 300 } })
    const good = await join(bench, 'good')
    const [silent, slow] = [await open(bench), await open(bench)]
    const bytes = connect({ id: 'x'.repeat(60_000) })
    let at = 0
    const dribble = setInterval(() => slow.socket.write(bytes.subarray(at, ++at)), 10)
    expect(await silent.closing()).toEqual([])
    expect(await slow.closing()).toEqual([])
    clearInterval(dribble)
    await good.ping()
  })

  it('end by the hundred, and keep nobody out', async () => {
    const bench = await openEngine({ limits: { connectTimeout: 1500 } })
    const half = connect({ id: 'half' }).subarray(0, 9)
    const many = await Promise.all(Array.from({ length: 300 }, () => open(bench)))
    for (const client of many) client.send(half)
    await expectService(bench)
    await until('all of them are closed', () => many.every(({ closed }) => closed))
    await expectService(bench)
    expect(bench.engine.counters.sockets).toBe(302)
    expect(bench.engine.counters.connectionsAccepted).toBe(2)
  })

  it('whole ones that come and go at once', async () => {
    const bench = await openEngine()
    const hello = connect({ id: 'storm' })
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const client = await open(bench)
        client.send(hello)
        client.reset()
      }),
    )
    await expectService(bench)
    await until('all are gone', () => bench.engine.census().connected === 0)
  })
})

describe('the limit of connections', () => {
  it.each([
    [3, 3],
    [4, 3],
    [5, 0x89],
  ] as const)('is told to one too many, of version %i', async (version, code) => {
    const bench = await openEngine({ limits: { maxConnections: 2 } })
    const first = await join(bench, 'one')
    await join(bench, 'two')
    const third = await open(bench, version)
    expect((await third.connect({ id: 'three' })).code).toBe(code)
    await third.closing()
    // The same client is none more: it takes its own place.
    await join(bench, 'one')
    await first.closing()
    expect(bench.engine.counters).toMatchObject({ connectionsRefused: 1, mostConnected: 2 })
  })

  it('can be changed while it runs', async () => {
    const bench = await openEngine({ limits: { maxConnections: 1 } })
    await join(bench, 'one')
    bench.engine.changeLimits({ maxConnections: 2 })
    await join(bench, 'two')
  })
})

describe('a packet that is too large', () => {
  it.each([
    ['in one piece', 10],
    ['in many pieces', 200_000],
  ])('ends its connection and no other: %s', async (_how, more) => {
    const bench = await openEngine({ limits: { maxPacketSize: 1000 } })
    for (const version of [4, 5] as const) {
      const client = await join(bench, 'large', { version })
      const fits = publish(version, 'a', '')
      client.send(publish(version, 'a', 'x'.repeat(1000 - fits.length - 1)))
      await client.ping()
      client.send(publish(version, 'a', 'x'.repeat(1000 - fits.length - 1 + more)))
      const last = await client.closing()
      expect(last.map(({ kind, code }) => [kind, code])).toEqual(version === 5 ? [['DISCONNECT', 0x95]] : [])
    }
    expect(bench.engine.counters.messagesReceived).toBe(2)
    await expectService(bench)
  })

  it('is refused by what its fixed header says, before it comes', async () => {
    const bench = await openEngine({ limits: { maxPacketSize: 100_000 } })
    const client = await join(bench, 'large', { version: 5 })
    client.send(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f))
    expect((await client.closing()).map(({ code }) => code)).toEqual([0x95])
  })

  it('is answered also where it is the CONNECT', async () => {
    const bench = await openEngine({ limits: { maxPacketSize: 100 } })
    const client = await open(bench, 5)
    client.send(connect({ version: 5, id: 'x'.repeat(200) }))
    await client.closing()
    await expectService(bench)
  })
})

describe('what is no MQTT', () => {
  const broken: Readonly<Record<string, Buffer>> = {
    'a reserved packet type': Buffer.of(0x00, 0x00),
    'a Remaining Length of five octets': Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01),
    'a PUBLISH of QoS 3': packet(0x36, 0, 1, 'a', 0, 1),
    'a topic with a wildcard': publish(4, 'a/#', ''),
    'a topic that is no UTF-8': publish(4, Buffer.of(0xff, 0xfe), ''),
    'a SUBSCRIBE without filters': subscribe(4, 1, []),
    'a length that is longer than its packet': packet(0x30, 0xff, 0xff, 'a'),
    'an HTTP request': Buffer.from(`GET / HTTP/1.1\r\nHost: broker\r\nUser-Agent: ${kibibyte}\r\n\r\n`),
    'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
  }
  it.each(Object.entries(broken))('ends its connection only: %s', async (_name, bytes) => {
    const bench = await openEngine()
    const neighbour = await join(bench, 'neighbour')
    await neighbour.subscribe([['will', 1]])
    const client = await join(bench, 'broken', { will: { topic: 'will', payload: 'gone', qos: 1 } })
    // What came before it in the same segment counts, what comes after it does not.
    client.send(octets(publish(4, 'will', 'before'), bytes, publish(4, 'will', 'after')))
    await client.closing()
    expect((await neighbour.takeAll(2)).map(({ payload }) => payload.toString())).toEqual(['before', 'gone'])
    await neighbour.expectNothing()
    const first = await open(bench)
    first.send(bytes)
    await first.closing()
  })

  it('or comes one octet at a time, and is MQTT nevertheless', async () => {
    const bench = await openEngine()
    const client = await open(bench)
    await client.sendOctetByOctet(connect({ id: 'drop by drop' }))
    await client.receive('CONNACK')
    await client.sendOctetByOctet(subscribe(4, 7, [['drip/#', 2]]))
    await client.receive('SUBACK')
    await client.sendOctetByOctet(
      octets(publish(4, 'drip/a', 'drop', { qos: 2, packetId: 9 }), ack('PUBREL', 9), pingreq),
    )
    expect((await client.take()).payload.toString()).toBe('drop')
    await client.receive('PINGRESP')
  })
})
