import { afterEach, describe, expect, it } from 'vitest'
import type { SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import type { Limits } from '../../../main/broker/engine/limits.ts'
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
import { ack, publish } from '../../helpers/mqtt-octets.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

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
    const count = 8000
    let next = 1
    // The queue of the one that reads has the same limit: what it has not acknowledged must always fit into it.
    const feeding = (async () => {
      for (let n = 1; n <= count; n++) {
        publisher.send(publish(4, 'plant/a', `${n} ${kibibyte}`, { qos: 1, packetId: n }))
        if (n - next >= 400) await until('the reader has read some', () => n - next < 300)
      }
    })()
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
    expect(session?.lost.queueFull).toBeGreaterThan(100)
    expect(bench.engine.counters.queueFull).toBe(session?.lost.queueFull)
  })

  it('gets the newest when it reads again, in order', async () => {
    const bench = await openEngine({ limits: { maxQueued: 100 } })
    const [deaf, publisher] = [await join(bench, 'deaf'), await join(bench, 'pub')]
    await deaf.subscribe([['plant/#', 0]])
    deaf.socket.pause()
    await flood(publisher, 8000, (n) => publish(4, 'plant/a', `${n} ${kibibyte}`))
    await publisher.ping()
    const lost = bench.engine.counters.queueFull
    expect(lost).toBeGreaterThan(0)
    deaf.socket.resume()
    const came = numbers(await collect(deaf, 'PUBLISH', 8000 - lost))
    expect(came).toEqual(came.toSorted((a, b) => a - b))
    expect(came.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => 7901 + i))
    await deaf.expectNothing(publisher)
  })

  it('is told of as one for which there is no room, until it reads again', async () => {
    const bench = await openEngine({ limits: { maxQueued: 100 } })
    const told = new Map<string, SessionSnapshot>()
    bench.engine.onSessions(({ changed }) => {
      for (const session of changed) told.set(session.clientId, session)
    })
    const [deaf, publisher] = [await join(bench, 'deaf'), await join(bench, 'pub')]
    await deaf.subscribe([['plant/#', 0]])
    await until('it is told of', () => told.has('deaf'))
    expect(told.get('deaf')?.blockedSince).toBeUndefined()
    deaf.socket.pause()
    await flood(publisher, 8000, (n) => publish(4, 'plant/a', `${n} ${kibibyte}`))
    await publisher.ping()
    await until('there is no room', () => told.get('deaf')?.blockedSince !== undefined)
    expect(told.get('deaf')?.blockedSince).toBeLessThanOrEqual(Date.now())
    expect(told.get('pub')?.blockedSince).toBeUndefined()
    // What comes is of no interest, only that it comes.
    deaf.socket.removeAllListeners('data').resume()
    await until('it has got what waited', () => {
      const { blockedSince, queued } = told.get('deaf') ?? {}
      return blockedSince === undefined && queued === 0
    })
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
    for (let still = 0, before = 0; still < 5; before = counters.octetsReceived) {
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
    await until('it is read from again', () => counters.messagesReceived >= sent)
  })
})

describe('a subscriber that reads as fast as it can', () => {
  it('loses nothing of a flood of QoS 0, however short its queue may be', async () => {
    const bench = await openEngine({ limits: { maxQueued: 10 } })
    const [reader, publisher] = [await join(bench, 'reader'), await join(bench, 'pub')]
    await reader.subscribe([['plant/#', 0]])
    const count = 3000
    // What comes in one turn of the event loop is far more than may be on its way to the reader and in its queue.
    publisher.send(...Array.from({ length: count }, (_, i) => publish(4, 'plant/a', `${i + 1} ${kibibyte}`)))
    expect(numbers(await collect(reader, 'PUBLISH', count))).toEqual(Array.from({ length: count }, (_, i) => i + 1))
    expect(bench.engine.counters.queueFull).toBe(0)
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
