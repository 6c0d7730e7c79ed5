import { afterEach, describe, expect, it } from 'vitest'
import { openEngine } from '../../helpers/engine-bench.ts'
import {
  collect,
  destroyClients,
  expectService,
  flood,
  join,
  kibibyte,
  numbers,
} from '../../helpers/hostile-clients.ts'
import { ack, pingreq, publish, subscribe } from '../../helpers/mqtt-octets.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

describe('floods', () => {
  it('of QoS 2 may use all 65,535 Packet Identifiers in 3.1.1, and each is delivered once', async () => {
    const bench = await openEngine()
    const [client, watcher] = [await join(bench, 'all ids', { clean: false }), await join(bench, 'watcher')]
    await watcher.subscribe([['ids', 0]])
    const last = 65_535
    const all = Array.from({ length: last }, (_, i) => i + 1)
    const send = (dup: boolean) =>
      flood(client, last, (packetId) => publish(4, 'ids', String(packetId), { qos: 2, packetId, dup }), 1000)
    await Promise.all([send(false), collect(client, 'PUBREC', last)])
    expect(bench.engine.session('all ids')?.session.incoming).toBe(last)
    await Promise.all([send(true), collect(client, 'PUBREC', last)])
    expect(numbers(await collect(watcher, 'PUBLISH', last))).toEqual(all)
    await Promise.all([flood(client, last, (id) => ack('PUBREL', id), 1000), collect(client, 'PUBCOMP', last)])
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
    const packets = 40
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

  it('of SUBSCRIBE for all that is retained wait where nobody reads what comes, and lose nothing', async () => {
    const bench = await openEngine({ limits: { maxQueued: 5000 } })
    const publisher = await join(bench, 'pub')
    await flood(publisher, 2000, (n) => publish(4, `kept/${n}`, kibibyte, { retain: true }))
    await publisher.ping()
    const client = await join(bench, 'greedy')
    client.socket.pause()
    const { counters } = bench.engine
    const before = counters.packetsReceived
    client.send(...Array.from({ length: 50 }, (_, n) => subscribe(4, n + 1, [['kept/#', 1]])))
    await until('all of them are taken', () => counters.packetsReceived >= before + 50)
    await expectService(bench)
    expect(bench.engine.census().queued).toBeLessThanOrEqual(5000)
    await publisher.publish('kept/1', 'live', { qos: 1 })
    client.socket.resume()
    const topics = new Set<string>()
    for (let isLive = false; !isLive; ) {
      for (const { topic, retain } of await client.receiveSome('PUBLISH')) {
        topics.add(topic)
        isLive ||= !retain
      }
    }
    // What is published after them comes after them.
    expect(topics.size).toBe(2000)
    expect(counters.queueFull).toBe(0)
  })

  it('of small PUBLISH to many subscribers leave room for others', async () => {
    const bench = await openEngine()
    const many = await Promise.all(Array.from({ length: 50 }, (_, n) => join(bench, `many-${n}`)))
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
    for (let still = 0, before = 0; still < 5; before = counters.octetsReceived) {
      if (!client.socket.writableNeedDrain) client.socket.write(pings)
      await expectService(bench)
      still = client.socket.writableNeedDrain && counters.octetsReceived - before < 2000 ? still + 1 : 0
    }
    expect(client.socket.writableLength).toBeGreaterThan(0)
  })
})
