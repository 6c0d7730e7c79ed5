import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CapturedPacket } from '../../../app/capture/captured.ts'
import type { Origin } from '../../../app/mqtt/network-connection.ts'
import { summarize } from '../../../app/mqtt/summary.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { until } from '../../helpers/until.ts'

let road: Road
const clients: RawClient[] = []

beforeEach(async () => {
  road = await Road.open()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await road.close()
})

async function connect(clientId: string, options: Parameters<typeof RawClient.connect>[2] = {}): Promise<RawClient> {
  const client = await RawClient.connect(road.port, clientId, options)
  clients.push(client)
  return client
}

function publish(
  client: RawClient,
  topic: string,
  payload: string,
  options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
) {
  const { qos = 0, retain = false } = options
  client.send({ cmd: 'publish', topic, payload, qos, retain, dup: false, ...(qos > 0 && { messageId: 77 }) })
}

/** What the capture says of the PUBLISH packets to clients: payload and origin. */
function deliveries(connection?: number): { payload: string; origin: Origin | undefined }[] {
  const isDelivery = ({ direction, octets }: CapturedPacket) =>
    direction === 'to client' && summarize(octets, 4).type === 'PUBLISH'
  return road
    .packets(connection)
    .filter(isDelivery)
    .map(({ octets, origin }) => ({ payload: Buffer.from(summarize(octets, 4).payload ?? []).toString(), origin }))
}

async function delivered(count: number, connection?: number) {
  await until(`${count} messages are delivered`, () => deliveries(connection).length >= count)
  return deliveries(connection)
}

describe('the origin of a delivery', () => {
  it('is the publisher, with one number for all subscribers and another for each message', async () => {
    for (const name of ['one', 'two', 'three']) await (await connect(name)).subscribe('t/#', 2)
    const publisher = await connect('pump-01')
    for (const qos of [0, 1, 2] as const) publish(publisher, 't/x', `qos ${qos}`, { qos })
    const all = await delivered(9)
    const numbers = new Map<string, Set<number | undefined>>()
    for (const { payload, origin } of all) {
      expect(origin).toMatchObject({ kind: 'publish', clientId: 'pump-01' })
      numbers.set(payload, (numbers.get(payload) ?? new Set()).add(origin?.message))
    }
    expect([...numbers.values()].map((set) => set.size)).toEqual([1, 1, 1])
    expect(new Set([...numbers.values()].flatMap((set) => [...set])).size).toBe(3)
  })

  it('is told apart also where messages are equal, empty, and come in one segment', async () => {
    await (await connect('reader')).subscribe('t', 0)
    const writers = await Promise.all([connect('a'), connect('b')])
    for (let n = 0; n < 20; n++) for (const writer of writers) publish(writer, 't', n % 2 === 0 ? '' : 'same')
    const all = await delivered(40)
    const count = (clientId: string) => all.filter(({ origin }) => origin?.clientId === clientId).length
    expect([count('a'), count('b')]).toEqual([20, 20])
    expect(new Set(all.map(({ origin }) => origin?.message)).size).toBe(40)
  })

  it('is a will, of the client that is gone', async () => {
    await (await connect('reader')).subscribe('status', 1)
    const will = { topic: 'status', payload: Buffer.from('offline'), qos: 1 as const, retain: false }
    const device = await connect('pump-03', { will })
    publish(device, 'status', 'online')
    await delivered(1)
    device.reset()
    expect((await delivered(2)).map(({ payload, origin }) => [payload, origin?.kind, origin?.clientId])).toEqual([
      ['online', 'publish', 'pump-03'],
      ['offline', 'will', 'pump-03'],
    ])
  })

  it('stays with a retained message, and is the same for every later subscriber', async () => {
    const publisher = await connect('pump-01')
    publish(publisher, 'kept', 'value', { qos: 1, retain: true })
    await publisher.receive('puback')
    publisher.send({ cmd: 'disconnect' })
    const first = await connect('first')
    await first.subscribe('kept', 1)
    const second = await connect('second')
    await second.subscribe('#', 0)
    const [one, two] = await delivered(2)
    expect(one?.origin).toMatchObject({ kind: 'publish', clientId: 'pump-01' })
    expect(two?.origin).toEqual(one?.origin)
  })

  it('stays with a message that waited for its subscriber, also when it is sent again', async () => {
    const before = await connect('sleeper', { clean: false })
    await before.subscribe('queue', 1)
    before.send({ cmd: 'disconnect' })
    await until('it is gone', () => before.ended)
    before.socket.destroy()
    const publisher = await connect('pump-01')
    publish(publisher, 'queue', 'later', { qos: 1 })
    await publisher.receive('puback')
    for (let attempt = 1; attempt <= 2; attempt++) {
      const again = await connect('sleeper', { clean: false })
      await again.receive('publish')
      again.reset()
      await road.closed(road.links.length)
    }
    const all = deliveries()
    expect(all).toHaveLength(2)
    expect(all[0]?.origin).toMatchObject({ kind: 'publish', clientId: 'pump-01' })
    expect(all[1]?.origin).toEqual(all[0]?.origin)
  })

  it('has no publisher where the broker itself publishes', async () => {
    await (await connect('watcher')).subscribe('$SYS/#', 0)
    road.broker.publish({ topic: '$SYS/broker/news', payload: Buffer.from('newcomer'), qos: 0, retain: false })
    const { origin } = await until('the news is delivered', () =>
      deliveries().find(({ payload }) => payload === 'newcomer'),
    )
    expect(origin).toEqual({ kind: 'publish', clientId: undefined, message: expect.any(Number) })
  })

  it('is said of deliveries only', async () => {
    const both = await connect('both')
    await both.subscribe('t', 2)
    publish(both, 't', 'x', { qos: 2 })
    await delivered(1)
    const others = road.packets().filter(({ octets, direction }) => {
      return direction === 'to broker' || summarize(octets, 4).type !== 'PUBLISH'
    })
    expect(others.length).toBeGreaterThan(3)
    expect(others.every(({ origin }) => origin === undefined)).toBe(true)
  })
})
