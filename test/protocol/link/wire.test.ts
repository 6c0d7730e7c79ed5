import { createHash, randomBytes } from 'node:crypto'
import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { until } from '../../helpers/until.ts'

/** Octets that may wait for one client. */
const queued = 8 * 1024 * 1024

let road: Road
const clients: RawClient[] = []

beforeEach(async () => {
  road = await Road.open({ maxQueuedOctets: queued })
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await road.close()
})

/** The number of its connection is the order in which it came, from 1. */
async function open(): Promise<RawClient> {
  const client = await RawClient.open(road.port)
  clients.push(client)
  await until('the link is open', () => road.links.length === clients.length)
  return client
}

async function connect(clientId: string, options: Parameters<typeof RawClient.connect>[2] = {}): Promise<RawClient> {
  const client = await open()
  client.send({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0, ...options })
  await client.receive('connack')
  return client
}

const connectPacket = generate({ cmd: 'connect', clientId: 'slow', protocolVersion: 4, clean: true, keepalive: 0 })
const subscribePacket = generate({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'a/#', qos: 1 }] })

describe('the wire', () => {
  it('captures exactly the octets that were sent and received', async () => {
    const client = await connect('pump-01')
    await client.subscribe('data/#', 1)
    for (const [i, length] of [0, 1, 127, 128, 16_384, 300_000].entries()) {
      client.send({
        cmd: 'publish',
        topic: `data/${i}`,
        payload: randomBytes(length),
        qos: 0,
        dup: false,
        retain: false,
      })
      await client.receive('publish')
    }
    expect(road.octets(1, 'to broker').equals(Buffer.concat(client.sent))).toBe(true)
    expect(road.octets(1, 'to client').equals(Buffer.concat(client.received))).toBe(true)
    expect(road.packets().every(({ malformed }) => malformed === false)).toBe(true)
  })

  it('does not mind how the octets are cut, even one at a time', async () => {
    const client = await open()
    for (const octet of Buffer.concat([connectPacket, subscribePacket])) {
      client.send(Uint8Array.of(octet))
      await until('the octet has left', () => client.socket.writableLength === 0)
    }
    expect(await client.receive('suback')).toMatchObject({ messageId: 7, granted: [1] })
    expect(road.ladder(1).toSorted()).toEqual(['< CONNACK', '< SUBACK', '> CONNECT', '> SUBSCRIBE'])
    expect(road.octets(1, 'to broker')).toEqual(Buffer.concat(client.sent))
  })

  it('passes a packet of many megabytes unchanged', async () => {
    const payload = randomBytes(20 * 1024 * 1024)
    const subscriber = await connect('reader')
    await subscriber.subscribe('big', 0)
    const publisher = await connect('writer')
    publisher.send({ cmd: 'publish', topic: 'big', payload, qos: 0, dup: false, retain: false })
    const { payload: received } = await subscriber.receive('publish')
    const sha = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex')
    expect(sha(received as Buffer)).toBe(sha(payload))
    const captured = road.packets(2).at(-1)
    const sent = publisher.sent.at(-1) as Buffer
    // Of a packet as large as this the first part is kept.
    expect(captured).toMatchObject({ malformed: false, length: sent.length })
    expect(sha(captured?.octets as Uint8Array)).toBe(sha(sent.subarray(0, road.recorder.keeps)))
  })

  it('passes garbage through, marks it, and ends nobody else', async () => {
    const other = await connect('other')
    await other.subscribe('still/here', 0)
    const client = await connect('vandal')
    const garbage = Buffer.from(`\u0001${'this is no MQTT '.repeat(20)}`)
    client.send(garbage)
    expect(await road.closed(2)).toEqual({
      type: 'closed',
      by: 'broker',
      cause: 'fin',
      reason: 'protocol error: octets that are no Control Packet',
    })
    const marked = road.packets(2).filter(({ malformed }) => malformed)
    expect(Buffer.concat(marked.map(({ octets }) => octets))).toEqual(garbage)
    expect(marked[0]?.malformed).toBe('reserved packet type')
    other.send({ cmd: 'publish', topic: 'still/here', payload: 'yes', qos: 0, dup: false, retain: false })
    expect(String((await other.receive('publish')).payload)).toBe('yes')
  })

  it('captures half a packet that the end of the connection cuts off', async () => {
    const client = await connect('cut')
    client.send(Uint8Array.of(0x30, 20, 0, 3))
    client.socket.end()
    await road.closed(1)
    expect(road.packets(1).at(-1)).toMatchObject({
      direction: 'to broker',
      malformed: 'cut short',
      octets: Uint8Array.of(0x30, 20, 0, 3),
    })
  })

  it('keeps so much and no more for a client that does not read, and counts what it does not keep', async () => {
    const subscriber = await connect('slow reader')
    await subscriber.subscribe('flood', 0)
    const publisher = await connect('flood')
    subscriber.socket.pause()
    const payload = Buffer.alloc(8 * 1024, 7)
    const publish = generate({ cmd: 'publish', topic: 'flood', payload, qos: 0, dup: false, retain: false })
    const before = process.memoryUsage()
    const flood = 10_000
    for (let sent = 0; sent < flood; sent++) {
      if (!publisher.socket.write(publish)) await new Promise((resolve) => publisher.socket.once('drain', resolve))
    }
    const other = await connect('other')
    await other.subscribe('elsewhere', 0)
    other.send({ cmd: 'publish', topic: 'elsewhere', payload: 'at once', qos: 0, dup: false, retain: false })
    expect(String((await other.receive('publish')).payload)).toBe('at once')
    const slow = () => road.broker.sessions().find(({ clientId }) => clientId === 'slow reader')
    await until('messages are dropped', () => (slow()?.lost.queueFull ?? 0) > 1000)
    const now = process.memoryUsage()
    const ring = road.recorder.stats().octets
    expect(now.arrayBuffers - before.arrayBuffers - ring).toBeLessThan(queued + 32 * 1024 * 1024)

    const receivedBefore = subscriber.received.length
    subscriber.socket.resume()
    const total = () => subscriber.received.slice(receivedBefore).reduce((sum, octets) => sum + octets.length, 0)
    await until('it has got all that was not dropped', () => {
      const kept = flood - (slow()?.lost.queueFull ?? 0)
      return total() === kept * publish.length
    })
  })
})

describe("a connection's end", () => {
  it('says that the client sent FIN', async () => {
    const client = await connect('a')
    client.socket.end()
    expect(await road.closed(1)).toEqual({ type: 'closed', by: 'client', cause: 'fin' })
    await until('FIN came back', () => client.ended)
  })

  it('says that the client sent RST', async () => {
    const client = await connect('a')
    client.reset()
    expect(await road.closed(1)).toEqual({ type: 'closed', by: 'client', cause: 'rst' })
  })

  it('says that the client sent DISCONNECT', async () => {
    const client = await connect('a')
    client.send({ cmd: 'disconnect' })
    await until('FIN is received', () => client.ended)
    client.socket.end()
    expect(await road.closed(1)).toMatchObject({ by: 'broker', cause: 'fin', reason: 'the client sent DISCONNECT' })
  })

  it('says that the keep alive ran out, and resets a client that does not answer', async () => {
    const client = await connect('silent', { keepalive: 1 })
    await until('FIN is received', () => client.ended)
    expect(road.links[0]?.open).toBe(true)
    expect(await road.closed(1)).toMatchObject({ by: 'broker', cause: 'fin', reason: 'keep alive ran out' })
    client.send({ cmd: 'pingreq' })
    await until('it hears that it was reset', () => client.error)
  })

  it('says that another connection has taken over', async () => {
    const first = await connect('twin')
    await connect('twin')
    await until('FIN is received', () => first.ended)
    first.socket.end()
    expect(await road.closed(1)).toMatchObject({ by: 'broker', reason: 'taken over by another connection' })
    expect(road.events(2)).toHaveLength(1)
  })

  it('says that the protocol version was refused', async () => {
    const client = await open()
    client.send(Uint8Array.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), 6, 2, 0, 0, 0, 1, 0x61]))
    expect(await client.receive('connack')).toMatchObject({ returnCode: 1 })
    client.socket.end()
    expect(await road.closed(1)).toMatchObject({
      by: 'broker',
      cause: 'fin',
      reason: expect.stringMatching(/^refused: .*Level 6/),
    })
  })

  it('says what a client did that it must not do', async () => {
    const cases: [Uint8Array, unknown][] = [
      [connectPacket, 'protocol error: a second CONNECT [MQTT-3.1.0-2]'],
      [Uint8Array.of(0xd0, 0), expect.stringMatching(/a packet that only a broker sends/)],
      [Uint8Array.of(0x30, 3, 0, 1, 0x23), expect.stringMatching(/MQTT-3.3.2-2/)],
    ]
    for (const [i, [octets, reason]] of cases.entries()) {
      const client = await connect(`sinner-${i}`)
      client.send(octets)
      client.socket.end()
      expect(await road.closed(i + 1)).toMatchObject({ reason })
    }
  })

  it('says that the broker was stopped', async () => {
    const client = await connect('a')
    await road.broker.close()
    client.socket.end()
    expect(await road.closed(1)).toMatchObject({ by: 'broker', cause: 'fin', reason: 'the broker was stopped' })
  })
})
