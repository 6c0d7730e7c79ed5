import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../app/base/clock.ts'
import { LevelStore } from '../../../main/broker/stores/level-store.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { type EngineBench, openEngine } from '../../helpers/engine-bench.ts'
import { collect, destroyClients, expectService, join } from '../../helpers/hostile-clients.ts'
import { ack, pingreq, subscribe, unsubscribe } from '../../helpers/mqtt-octets.ts'
import type { Came } from '../../helpers/mqtt-reading.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

/** Whenever it is asked, a millisecond has passed: what is long takes many turns on any machine. */
function slowClock(): Clock {
  let asked = 0
  const { after, now } = systemClock
  return { after, now, monotonic: () => ++asked * 1e6 }
}

const filters = Array.from({ length: 10_000 }, (_, n) => `plant/${n % 100}/${n}`)

/** How often somebody else is answered while what a client has asked for is done in part. */
async function answersMeanwhile(
  bystander: ConformanceClient,
  done: Promise<unknown>,
  isInPart: () => boolean,
): Promise<number> {
  let isDone = false
  const ended = done.finally(() => {
    isDone = true
  })
  let answers = 0
  while (!isDone) {
    await bystander.ping()
    if (isInPart()) answers++
  }
  await ended
  return answers
}

function granted({ codes }: Came): number {
  return codes.filter((code) => code < 0x80).length
}

async function keep(bench: EngineBench, count: number, qos: (n: number) => 0 | 1): Promise<void> {
  for (let n = 0; n < count; n++) {
    bench.engine.publish({ topic: `kept/${n}`, payload: Buffer.from(String(n)), qos: qos(n), retain: true })
    if (n % 1000 === 0) await new Promise(setImmediate)
  }
}

describe('a SUBSCRIBE with very many filters', () => {
  it('lets others be served meanwhile, and so does the UNSUBSCRIBE; what the client sends after it waits', async () => {
    const bench = await openEngine({ clock: slowClock() })
    const [greedy, bystander] = [await join(bench, 'greedy'), await join(bench, 'bystander')]
    greedy.send(
      subscribe(
        4,
        7,
        filters.map((filter) => [filter, 1] as const),
      ),
      pingreq,
    )
    const suback = greedy.next()
    const isInPart = () => {
      const { subscriptions } = bench.engine.census()
      return subscriptions > 0 && subscriptions < filters.length
    }
    expect(await answersMeanwhile(bystander, suback, isInPart)).toBeGreaterThan(0)
    expect(granted(await suback)).toBe(filters.length)
    expect((await greedy.next()).kind).toBe('PINGRESP')
    await bystander.publish(filters.at(-1) as string, 'live', { qos: 1 })
    expect((await greedy.take()).text).toBe('live')
    greedy.send(unsubscribe(4, 8, filters), pingreq)
    const unsuback = greedy.next()
    expect(await answersMeanwhile(bystander, unsuback, isInPart)).toBeGreaterThan(0)
    expect((await unsuback).kind).toBe('UNSUBACK')
    expect((await greedy.next()).kind).toBe('PINGRESP')
    expect(bench.engine.census().subscriptions).toBe(0)
  })

  it('is over with its client; a kept Session goes on with what it has', async () => {
    const bench = await openEngine({ clock: slowClock() })
    const first = await join(bench, 'greedy', { clean: false })
    first.send(
      subscribe(
        4,
        7,
        filters.map((filter) => [filter, 1] as const),
      ),
    )
    await until('the broker has begun', () => bench.engine.census().subscriptions > 0)
    const second = await join(bench, 'greedy', { clean: false })
    await first.closing()
    expect((await second.subscribe([['other', 1]])).codes).toEqual([1])
    await second.publish(filters[0] as string, 'live', { qos: 1 })
    expect((await second.take()).text).toBe('live')
    await second.publish('other', 'too', { qos: 1 })
    expect((await second.take()).text).toBe('too')
    await expectService(bench)
  })

  it.each([
    [4, 0x80],
    [5, 0x97],
  ] as const)('is granted up to the limit of a Session only (version %i)', async (version, code) => {
    const bench = await openEngine({ limits: { maxSubscriptions: 2 } })
    const client = await join(bench, 'greedy', { version })
    const three = [
      ['a', 0],
      ['b', 1],
      ['c', 1],
    ] as const
    expect((await client.subscribe(three)).codes).toEqual([0, 1, code])
    expect((await client.subscribe([['a', 2]])).codes).toEqual([2])
    await client.unsubscribe(['b'])
    expect((await client.subscribe([['c', 1]])).codes).toEqual([1])
  })
})

describe('very many retained messages', () => {
  it('for a Session that is stored are written down in parts, and come after SUBACK', async () => {
    const store = await LevelStore.open(await temporaryFolder())
    const bench = await openEngine({ clock: slowClock(), store, limits: { maxQueued: 10_000 } })
    const count = 10_000
    await keep(bench, count, () => 1)
    const [greedy, bystander] = [await join(bench, 'greedy', { clean: false }), await join(bench, 'bystander')]
    greedy.send(subscribe(4, 7, [['kept/#', 1]]))
    const suback = greedy.next()
    const isInPart = () => {
      const { inflight, queued } = bench.engine.census()
      return queued > 0 && queued < count && inflight === 0
    }
    expect(await answersMeanwhile(bystander, suback, isInPart)).toBeGreaterThan(0)
    expect((await suback).kind).toBe('SUBACK')
    const topics = new Set<string>()
    while (topics.size < count) {
      const some = await greedy.receiveSome('PUBLISH')
      for (const { topic } of some) topics.add(topic)
      greedy.send(...some.map(({ packetId }) => ack('PUBACK', packetId)))
    }
    expect(bench.engine.counters.queueFull).toBe(0)
  })

  it('for a Session that is stored are those of QoS 0 too, and not bound by its queue where they can be sent', async () => {
    const store = await LevelStore.open(await temporaryFolder())
    const bench = await openEngine({ store, limits: { maxQueued: 5 } })
    await keep(bench, 600, (n) => (n % 2 === 0 ? 0 : 1))
    const greedy = await join(bench, 'greedy', { clean: false })
    expect((await greedy.subscribe([['kept/#', 1]])).codes).toEqual([1])
    const came = await collect(greedy, 'PUBLISH', 600)
    expect(new Set(came.map(({ topic }) => topic)).size).toBe(600)
    expect(came.every(({ retain, topic, qos }) => retain && qos === Number(topic.slice(5)) % 2)).toBe(true)
    expect(bench.engine.counters.queueFull).toBe(0)
  })

  it('for very many filters are sent to a client that reads them late, each once', async () => {
    const bench = await openEngine()
    await keep(bench, 5000, () => 0)
    const greedy = await join(bench, 'greedy')
    const wanted = Array.from({ length: 5000 }, (_, n) => [`kept/${n}/#`, 0] as const)
    greedy.socket.pause()
    greedy.send(subscribe(4, 7, wanted))
    await expectService(bench)
    greedy.socket.resume()
    const came = await collect(greedy, 'PUBLISH', 5000)
    expect(came.map(({ topic }) => topic)).toEqual(wanted.map(([filter]) => filter.slice(0, -2)))
  })
})
