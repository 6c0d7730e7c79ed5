import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { newRule, publishPacket } from '../../helpers/test-wire.ts'
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

async function connect(...args: Parameters<typeof RawClient.connect> extends [number, ...infer R] ? R : never) {
  const client = await RawClient.connect(road.port, ...args)
  clients.push(client)
  return client
}

function octetsOf(client: RawClient): number {
  return client.received.reduce((sum, octets) => sum + octets.length, 0)
}

describe('a cut', () => {
  it('is a real RST, and what was sent before it has arrived', async () => {
    const client = await connect('pump-01')
    await client.subscribe('a', 0)
    road.wire.addRule(newRule('cut', { name: 'cut after PUBLISH', from: 'broker', filter: 'type:publish' }))
    client.send(publishPacket('a', 'last words'))
    expect(String((await client.receive('publish')).payload)).toBe('last words')
    expect(await road.closed(1)).toEqual({ type: 'closed', by: 'link', cause: 'rst', reason: 'cut after PUBLISH' })
    // Node takes an RST that it reads together with octets for a FIN; who writes then learns that it was none.
    client.socket.write('x')
    await until('RST is heard', () => client.error)
    expect(['ECONNRESET', 'EPIPE']).toContain(client.error?.code)
    expect(road.events(1)).toContainEqual({ type: 'fault', what: 'cut with RST', by: 'cut after PUBLISH' })
  })

  it('is a real RST before a packet, which then does not arrive', async () => {
    const client = await connect('pump-01')
    await client.subscribe('a', 0)
    road.wire.addRule(newRule('cut', { from: 'broker', filter: 'type:publish', settings: { when: 'before' } }))
    client.send(publishPacket('a', 'unheard'))
    await until('RST is heard', () => client.closed)
    expect(client.error?.code).toBe('ECONNRESET')
    expect([client.ended, client.packets]).toEqual([false, []])
  })

  it('is a real FIN', async () => {
    const client = await connect('pump-01')
    expect(road.wire.cut('*', 'fin')).toBe(1)
    await until('FIN is heard', () => client.ended)
    client.socket.end()
    expect(await road.closed(1)).toEqual({ type: 'closed', by: 'link', cause: 'fin', reason: 'you' })
    expect(client.error).toBeUndefined()
  })
})

describe('a refused connection', () => {
  it('is reset at once, or when its CONNECT says who it is', async () => {
    const rule = road.wire.addRule(newRule('refuse'))
    const first = createConnection({ host: '127.0.0.1', port: road.port })
    const [error] = await once(first, 'error')
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    road.wire.removeRule(rule)
    road.wire.addRule(newRule('refuse', { clients: 'pump-*' }))
    const second = await RawClient.open(road.port)
    clients.push(second)
    second.send({ cmd: 'connect', clientId: 'pump-01', protocolVersion: 4, clean: true, keepalive: 0 })
    await until('RST is heard', () => second.error?.code === 'ECONNRESET')
    expect(await road.closed(2)).toMatchObject({ by: 'link', cause: 'rst' })
    expect(road.ladder(2)).toEqual(['> CONNECT'])
    await connect('meter')
  })
})

describe('a half-open link', () => {
  it('is silence: the broker finds out by the keep alive, the client hears nothing', async () => {
    const client = await connect('pump-01', { keepalive: 1 })
    const received = octetsOf(client)
    road.wire.addRule(newRule('halfOpen', { name: 'pulled cable', clients: 'pump-01' }))
    client.send({ cmd: 'pingreq' })
    const gone = await until('the broker has given up', () =>
      road.events(1).find((event) => event.type === 'one end closed'),
    )
    expect(gone).toMatchObject({ by: 'broker', cause: 'fin', reason: 'keep alive ran out' })
    client.send({ cmd: 'pingreq' })
    await until(
      'PINGREQ is lost as well',
      () => road.events(1).filter(({ type }) => type === 'packet dropped').length === 2,
    )
    expect([client.ended, client.closed, octetsOf(client) - received]).toEqual([false, false, 0])
    expect(road.links[0]?.open).toBe(true)

    road.wire.heal('pump-01')
    await until('the client learns it', () => client.error?.code === 'ECONNRESET')
    expect(await road.closed(1)).toMatchObject({ by: 'broker', cause: 'fin', reason: 'keep alive ran out' })
  })
})

describe('octets below packets', () => {
  it('arrive in segments of their own where they are sliced', async () => {
    const client = await connect('reader')
    await client.subscribe('a', 0)
    const rule = newRule('slice', { from: 'broker', settings: { min: 7, max: 7, gapMs: 2 } })
    road.wire.addRule(rule)
    const before = client.received.length
    client.send(publishPacket('a', 'x'.repeat(100)))
    await client.receive('publish')
    const lengths = client.received.slice(before).map(({ length }) => length)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(105)
    // The system may join two of them, when this process does not come to read.
    expect(lengths.length).toBeGreaterThan(8)
    expect(lengths.filter((length) => length === 7).length).toBeGreaterThan(8)
  })

  it('come no faster than the bandwidth lets them', async () => {
    const client = await connect('reader')
    await client.subscribe('a', 0)
    const rate = 40_000
    road.wire.addRule(newRule('bandwidth', { from: 'broker', settings: { rate } }))
    const before = octetsOf(client)
    const started = performance.now()
    for (let i = 0; i < 400; i++) client.send(publishPacket('a', 'x'.repeat(95)))
    await until('all has come', () => octetsOf(client) - before === 40_000)
    const measured = 40_000 / ((performance.now() - started) / 1000)
    expect(measured).toBeLessThan(1.2 * rate)
    expect(road.events(1).filter(({ type }) => type === 'packet sent').length).toBeGreaterThan(390)
  })
})

describe('a device without power', () => {
  it('sends nothing more, and what was under way arrives before the broker learns of it', async () => {
    const watch = await connect('watch')
    await watch.subscribe('status', 1)
    const pump = await connect('pump-01', {
      will: { topic: 'status', payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    road.wire.addRule(newRule('latency', { clients: 'pump-01', settings: { ms: 50 } }))
    pump.send(publishPacket('status', 'still here', { qos: 1, messageId: 9 }))
    await until('it is captured', () => road.ladder(2).includes('> PUBLISH'))
    pump.reset()
    await until('message and will are published', () => watch.packets.length === 2)
    // In which order is the broker's business.
    expect(watch.packets.map((packet) => packet.cmd === 'publish' && String(packet.payload)).toSorted()).toEqual([
      'gone',
      'still here',
    ])
    expect(await road.closed(2)).toMatchObject({ by: 'client', cause: 'rst' })
    const happened = road.events(2).map(({ type }) => type)
    expect(happened.indexOf('one end closed')).toBeLessThan(happened.indexOf('packet sent'))
    expect(happened.indexOf('packet sent')).toBeLessThan(happened.indexOf('closed'))
  })
})
