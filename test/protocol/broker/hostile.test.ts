import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Limits } from '../../../main/broker/engine/limits.ts'
import { ConformanceClient } from '../../helpers/conformance-client.ts'
import { type EngineBench, openEngine } from '../../helpers/engine-bench.ts'
import { LoopWatch } from '../../helpers/loop-watch.ts'
import {
  ack,
  type Connect,
  connect,
  type Kind,
  octets,
  packet,
  pingreq,
  publish,
  subscribe,
  type Version,
} from '../../helpers/mqtt-octets.ts'
import type { Came } from '../../helpers/mqtt-reading.ts'
import { until } from '../../helpers/until.ts'

const kibibyte = 'x'.repeat(1024)
const clients: ConformanceClient[] = []
let watch: LoopWatch

beforeEach(({ task }) => {
  watch = LoopWatch.start(task.name)
})

afterEach(() => {
  watch.stop()
  for (const client of clients.splice(0)) client.socket.destroy()
})

/** A Network Connection over which nothing was sent. */
async function open(bench: EngineBench, version: Version = 4): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(bench, version)
  clients.push(client)
  return client
}

async function join(bench: EngineBench, id: string, options: Connect = {}): Promise<ConformanceClient> {
  const client = await open(bench, options.version ?? 4)
  expect((await client.connect({ id, ...options })).code).toBe(0)
  return client
}

/** That somebody who does nothing wrong is served as ever. */
async function expectService(bench: EngineBench): Promise<void> {
  const bystander = await join(bench, '')
  await bystander.subscribe([['bystander', 1]])
  await bystander.publish('bystander', 'hello', { qos: 1 })
  expect((await bystander.take()).payload.toString()).toBe('hello')
  bystander.socket.destroy()
}

/** Sends so many pieces, a few in each turn of the event loop, and each when the system takes more. */
async function flood(client: ConformanceClient, count: number, piece: (n: number) => Buffer, atOnce = 50) {
  for (let n = 1; n <= count; n += atOnce) {
    const pieces = Array.from({ length: Math.min(atOnce, count - n + 1) }, (_, i) => piece(n + i))
    const hasRoom = client.socket.write(Buffer.concat(pieces))
    if (hasRoom) await new Promise(setImmediate)
    else await until('the system takes more', () => !client.socket.writableNeedDrain, 30_000)
  }
}

/** As `receiveAll`, for very many. */
async function collect(client: ConformanceClient, kind: Kind, count: number): Promise<Came[]> {
  const all: Came[] = []
  while (all.length < count) for (const came of await client.receiveSome(kind)) all.push(came)
  expect(all.length).toBe(count)
  return all
}

function numbers(came: readonly { payload: Buffer }[]): number[] {
  return came.map(({ payload }) => Number(payload.toString().split(' ')[0]))
}

describe('a subscriber that does not read', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
  ] as const)('does not keep others from their messages (QoS %i)', async (_name, qos) => {
    const bench = await openEngine({ limits: { maxQueued: 500 } })
    const [deaf, reader, publisher] = [await join(bench, 'deaf'), await join(bench, 'reader'), await join(bench, 'pub')]
    await deaf.subscribe([['plant/#', qos]])
    await reader.subscribe([['plant/#', 1]])
    deaf.socket.pause()
    const count = 20_000
    const feeding = flood(publisher, count, (n) => publish(4, 'plant/a', `${n} ${kibibyte}`, { qos: 1, packetId: n }))
    let next = 1
    while (next <= count) {
      for (const came of await reader.receiveSome('PUBLISH')) {
        expect(numbers([came])).toEqual([next++])
        reader.send(ack('PUBACK', came.packetId))
      }
    }
    await feeding
    expect(next).toBe(count + 1)
    // What it does not read waits: a little on the way, the rest within the limit, and what is lost is counted.
    const session = bench.engine.session('deaf')?.session
    expect(session?.queued).toBe(500)
    expect(session?.lost.queueFull).toBeGreaterThan(1000)
    expect(bench.engine.counters.queueFull).toBe(session?.lost.queueFull)
  })

  it('gets the newest when it reads again, in order', async () => {
    const bench = await openEngine({ limits: { maxQueued: 100 } })
    const [deaf, publisher] = [await join(bench, 'deaf'), await join(bench, 'pub')]
    await deaf.subscribe([['plant/#', 0]])
    deaf.socket.pause()
    await flood(publisher, 20_000, (n) => publish(4, 'plant/a', `${n} ${kibibyte}`))
    await publisher.ping()
    const lost = bench.engine.counters.queueFull
    expect(lost).toBeGreaterThan(0)
    deaf.socket.resume()
    const came = numbers(await collect(deaf, 'PUBLISH', 20_000 - lost))
    expect(came).toEqual(came.toSorted((a, b) => a - b))
    expect(came.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => 19_901 + i))
    await deaf.expectNothing(publisher)
  })

  it('is not read from either once it owes too much: its flood of QoS 1 stops at the socket', async () => {
    const bench = await openEngine()
    const { counters } = bench.engine
    const rude = await join(bench, 'rude')
    rude.socket.pause()
    const each = 20_000
    const piece = Buffer.concat(
      Array.from({ length: each }, (_, i) => publish(4, 'flood', '', { qos: 1, packetId: i + 1 })),
    )
    let sent = 0
    // Until the system's buffers are full in both directions, and nothing moves any more.
    for (let still = 0, before = 0; still < 10; before = counters.octetsReceived) {
      if (!rude.socket.writableNeedDrain) {
        rude.socket.write(piece)
        sent += each
      }
      await expectService(bench)
      still = rude.socket.writableNeedDrain && counters.octetsReceived - before < 2000 ? still + 1 : 0
    }
    expect(counters.messagesReceived).toBeLessThan(sent)
    // What comes is of no interest, only that it goes on.
    rude.socket.removeAllListeners('data').resume()
    await until('it is read from again', () => counters.messagesReceived >= sent, 30_000)
  })
})

describe('a queue that is full', () => {
  it.each([
    ['drop oldest', ['6', '7', '8', '9', '10']],
    ['drop newest', ['1', '2', '3', '4', '5']],
    ['disconnect', ['1', '2', '3', '4', '5']],
  ] as const)('of a client that is away, with the policy "%s"', async (queuePolicy, kept) => {
    const bench = await openEngine({ limits: { maxQueued: 5, queuePolicy } })
    const away = await join(bench, 'away', { clean: false })
    await away.subscribe([['plant', 1]])
    await away.disconnect()
    const publisher = await join(bench, 'pub')
    for (let n = 1; n <= 10; n++) await publisher.publish('plant', String(n), { qos: 1 })
    expect(bench.engine.session('away')?.session).toMatchObject({ queued: 5, lost: { queueFull: 5 } })
    const back = await join(bench, 'away', { clean: false })
    expect((await back.takeAll(5)).map(({ payload }) => payload.toString())).toEqual(kept)
    await back.expectNothing(publisher)
  })

  it('counts octets as well as messages', async () => {
    const bench = await openEngine({ limits: { maxQueuedOctets: 5000 } })
    const away = await join(bench, 'away', { clean: false })
    await away.subscribe([['plant', 1]])
    await away.disconnect()
    const publisher = await join(bench, 'pub')
    for (let n = 1; n <= 10; n++) await publisher.publish('plant', `${n} ${kibibyte}`, { qos: 1 })
    expect(bench.engine.session('away')?.session.queued).toBe(4)
    // One that is larger than the whole queue may be does not push out the others and get in.
    await publisher.publish('plant', 'y'.repeat(6000), { qos: 1 })
    expect(bench.engine.census().queuedOctets).toBeLessThanOrEqual(5000)
  })

  it.each([4, 5] as const)(
    'ends the connection of a client that never acknowledges, if told so (version %i)',
    async (version) => {
      const limits: Partial<Limits> = { maxInflight: 10, maxQueued: 20, queuePolicy: 'disconnect' }
      const bench = await openEngine({ limits })
      const [mute, publisher] = [await join(bench, 'mute', { version }), await join(bench, 'pub')]
      await mute.subscribe([['plant', 1]])
      for (let n = 1; n <= 30; n++) await publisher.publish('plant', String(n), { qos: 1 })
      await mute.ping()
      expect(mute.closed).toBe(false)
      await publisher.publish('plant', '31', { qos: 1 })
      const last = (await mute.closing()).filter(({ kind }) => kind === 'DISCONNECT')
      expect(last.map(({ code }) => code)).toEqual(version === 5 ? [0x97] : [])
      await expectService(bench)
    },
  )

  it('leaves the handshakes that are under way alone', async () => {
    const bench = await openEngine({ limits: { maxInflight: 10, maxQueued: 20 } })
    const [mute, publisher] = [await join(bench, 'mute'), await join(bench, 'pub')]
    await mute.subscribe([['plant', 2]])
    for (let n = 1; n <= 100; n++) await publisher.publish('plant', String(n), { qos: 2 })
    const first = await mute.receiveAll('PUBLISH', 10)
    expect(numbers(first)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(bench.engine.session('mute')?.session).toMatchObject({ inflight: 10, queued: 20, lost: { queueFull: 70 } })
    for (const came of first) await mute.answer(came)
    expect(numbers(await mute.takeAll(20))).toEqual(Array.from({ length: 20 }, (_, i) => 81 + i))
  })
})

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

  it('end by the thousand, and keep nobody out', async () => {
    const bench = await openEngine({ limits: { connectTimeout: 1500 } })
    const half = connect({ id: 'half' }).subarray(0, 9)
    const many = await Promise.all(Array.from({ length: 1000 }, () => open(bench)))
    for (const client of many) client.send(half)
    await expectService(bench)
    await until('all of them are closed', () => many.every(({ closed }) => closed), 30_000)
    await expectService(bench)
    expect(bench.engine.counters.sockets).toBe(1002)
    expect(bench.engine.counters.connectionsAccepted).toBe(2)
  })

  it('whole ones that come and go at once', async () => {
    const bench = await openEngine()
    const hello = connect({ id: 'storm' })
    await Promise.all(
      Array.from({ length: 500 }, async () => {
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

describe('floods', () => {
  it('of QoS 2 may use all 65,535 Packet Identifiers in 3.1.1, and each is delivered once', async () => {
    const bench = await openEngine()
    const [client, watcher] = [await join(bench, 'all ids', { clean: false }), await join(bench, 'watcher')]
    await watcher.subscribe([['ids', 0]])
    const last = 65_535
    const all = Array.from({ length: last }, (_, i) => i + 1)
    const send = (dup: boolean) =>
      flood(client, last, (packetId) => publish(4, 'ids', String(packetId), { qos: 2, packetId, dup }))
    await Promise.all([send(false), collect(client, 'PUBREC', last)])
    expect(bench.engine.session('all ids')?.session.incoming).toBe(last)
    await Promise.all([send(true), collect(client, 'PUBREC', last)])
    expect(numbers(await collect(watcher, 'PUBLISH', last))).toEqual(all)
    await Promise.all([flood(client, last, (id) => ack('PUBREL', id)), collect(client, 'PUBCOMP', last)])
    expect(bench.engine.session('all ids')?.session.incoming).toBe(0)
    await watcher.expectNothing(client)
  })

  it('of QoS 2 that are over the Receive Maximum end the connection in MQTT 5', async () => {
    const bench = await openEngine({ limits: { receiveMaximum: 100 } })
    const client = await join(bench, 'over', { version: 5 })
    await flood(client, 101, (packetId) => publish(5, 'ids', '', { qos: 2, packetId }))
    const last = await client.closing()
    expect(last.at(-1)).toMatchObject({ kind: 'DISCONNECT', code: 0x93 })
    expect(last.filter(({ kind }) => kind === 'PUBREC').length).toBe(100)
    await expectService(bench)
  })

  it('of SUBSCRIBE are served, and others beside them', async () => {
    const bench = await openEngine()
    const client = await join(bench, 'greedy')
    const packets = 200
    const each = 250
    const flooding = flood(client, packets, (n) =>
      subscribe(
        4,
        n,
        Array.from({ length: each }, (_, i) => [`deep/${n}/${i}/#`, 1] as const),
      ),
    )
    await expectService(bench)
    await flooding
    await collect(client, 'SUBACK', packets)
    expect(bench.engine.session('greedy')?.session.subscriptions.length).toBe(packets * each)
    await expectService(bench)
    client.reset()
    await until('all is taken away again', () => bench.engine.census().subscriptions === 0)
  })

  it('of SUBSCRIBE for all that is retained are held back where nobody reads what comes', async () => {
    const bench = await openEngine({ limits: { maxQueued: 5000 } })
    const publisher = await join(bench, 'pub')
    await flood(publisher, 2000, (n) => publish(4, `kept/${n}`, kibibyte, { retain: true }))
    await publisher.ping()
    const client = await join(bench, 'greedy')
    client.socket.pause()
    client.send(...Array.from({ length: 50 }, (_, n) => subscribe(4, n + 1, [['kept/#', 1]])))
    await until('much waits for it', () => bench.engine.census().queued >= 2000)
    await expectService(bench)
    expect(bench.engine.census().queued).toBeLessThanOrEqual(5000)
  })

  it('of small PUBLISH to many subscribers leave room for others', async () => {
    const bench = await openEngine()
    const many = await Promise.all(Array.from({ length: 200 }, (_, n) => join(bench, `many-${n}`)))
    await Promise.all(many.map((client) => client.subscribe([['fan', 0]])))
    const publisher = await join(bench, 'pub')
    publisher.send(...Array.from({ length: 2000 }, (_, n) => publish(4, 'fan', String(n))))
    await expectService(bench)
    for (const client of many) expect((await collect(client, 'PUBLISH', 2000)).length).toBe(2000)
  })

  it('of PINGREQ that nobody reads the answers of stop at the socket', async () => {
    const bench = await openEngine()
    const client = await join(bench, 'pinger')
    client.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 32_768 }, () => pingreq))
    const { counters } = bench.engine
    for (let still = 0, before = 0; still < 10; before = counters.octetsReceived) {
      if (!client.socket.writableNeedDrain) client.socket.write(pings)
      await expectService(bench)
      still = client.socket.writableNeedDrain && counters.octetsReceived - before < 2000 ? still + 1 : 0
    }
    expect(client.socket.writableLength).toBeGreaterThan(0)
  })
})
