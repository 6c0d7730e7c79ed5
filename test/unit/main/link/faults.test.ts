import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRule } from '../../../../app/contract/wire.ts'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const pong = Uint8Array.of(0xd0, 0)
const a = publishPacket('t', 'a')
const b = publishPacket('t', 'b')
const c = publishPacket('t', 'c')
const d = publishPacket('t', 'd')

let bench: TestWire
let pump: TestLink

beforeEach(() => {
  bench = new TestWire()
  pump = bench.connect('pump-01')
})

function add(fault: string, fields: Partial<NewRule> = {}): string {
  return bench.wire.addRule(newRule(fault, { name: `the ${fault}`, ...fields }))
}

/** What the broker has heard after CONNECT. */
function heard(link: TestLink = pump): Buffer {
  return link.atBroker.heard.subarray(link.atBroker.chunks[0]?.length ?? 0)
}

/** What has arrived, as the letters that were sent. */
function heardLetters(): string {
  return heard()
    .toString()
    .replaceAll(/[^a-e]/g, '')
}

describe('latency', () => {
  it('keeps every packet for its time, in order, and says so', () => {
    add('latency', { settings: { ms: 200 } })
    pump.client.write(a)
    bench.clock.advance(50)
    pump.client.write(b)
    bench.clock.advance(149)
    expect(heardLetters()).toBe('')
    bench.clock.advance(1)
    expect(heardLetters()).toBe('a')
    bench.clock.advance(50)
    expect(heardLetters()).toBe('ab')
    expect(bench.fates).toEqual([
      { type: 'packet sent', packet: 3, by: 'the latency', delay: 200e6, copies: 1 },
      { type: 'packet sent', packet: 4, by: 'the latency', delay: 200e6, copies: 1 },
    ])
  })

  it('keeps back what comes behind a delayed packet, and says for whom it waited', () => {
    add('delay', { filter: 'payload~"a"', settings: { ms: 100 } })
    pump.client.write(a)
    pump.client.write(b)
    expect(heardLetters()).toBe('')
    bench.clock.advance(100)
    expect(heardLetters()).toBe('ab')
    expect(bench.fates).toMatchObject([
      { packet: 3, by: 'the delay', delay: 100e6 },
      { packet: 4, by: 'the delay', delay: 100e6 },
    ])
  })

  it('says of a packet that it waited also where the timer of the one before it came late', () => {
    add('delay', { filter: 'payload~"a"', settings: { ms: 100 } })
    pump.client.write(a)
    bench.clock.stall(120)
    pump.client.write(b)
    expect(heardLetters()).toBe('ab')
    expect(bench.fates).toEqual([
      { type: 'packet sent', packet: 3, by: 'the delay', delay: 120e6, copies: 1 },
      { type: 'packet sent', packet: 4, by: 'the delay', delay: 0, copies: 1 },
    ])
  })

  it('is over for what comes later when its rule is removed, and what is under way stays under way', () => {
    const id = add('latency', { settings: { ms: 200 } })
    pump.client.write(a)
    bench.wire.removeRule(id)
    pump.client.write(b)
    expect(heardLetters()).toBe('')
    bench.clock.advance(200)
    pump.client.write(c)
    expect(heardLetters()).toBe('abc')
    expect(bench.fates.map((fate) => fate.packet)).toEqual([3, 4])
  })

  it('lets FIN and RST arrive behind the packets that were sent before', () => {
    for (const how of ['end', 'reset'] as const) {
      const link = bench.connect('late')
      const id = add('latency', { settings: { ms: 10 } })
      link.client.write(a)
      link.client[how]()
      expect(link.atBroker.calls).toEqual([])
      bench.clock.advance(10)
      expect(heard(link)).toEqual(a)
      expect(link.atBroker.calls).toEqual([how === 'end' ? 'ended' : 'closed rst'])
      bench.wire.removeRule(id)
    }
  })
})

describe('drop, duplicate and change', () => {
  it('drops exactly the packets that it is to, counted over all links', () => {
    const other = bench.connect('pump-02')
    const id = add('drop', { filter: 'type:publish', nth: 2, times: 2 })
    pump.client.write(a)
    other.client.write(b)
    pump.client.write(ping)
    pump.client.write(c)
    pump.client.write(d)
    expect(heard(other)).toHaveLength(0)
    expect(heardLetters()).toBe('ad')
    expect(bench.fates.map(({ type, by }) => `${type} ${by}`)).toEqual(new Array(2).fill('packet dropped the drop'))
    expect(bench.wire.state().rules).toMatchObject([{ id, matched: 3, hits: 2, done: true }])
  })

  it('says the first reason of two', () => {
    add('drop', { name: 'first' })
    add('drop', { name: 'second' })
    pump.client.write(a)
    expect(bench.fates).toEqual([{ type: 'packet dropped', packet: 3, by: 'first' }])
    expect(bench.wire.state().rules.map(({ hits }) => hits)).toEqual([1, 0])
  })

  it('sends a packet several times', () => {
    add('duplicate', { settings: { copies: 3 }, filter: 'payload~"b"' })
    for (const packet of [a, b, c]) pump.client.write(packet)
    expect(heardLetters()).toBe('abbbc')
    expect(bench.fates).toEqual([{ type: 'packet sent', packet: 4, by: 'the duplicate', delay: 0, copies: 3 }])
  })

  it('multiplies no further than a recording may say', () => {
    for (let rule = 0; rule < 3; rule++) add('duplicate', { settings: { copies: 100 } })
    pump.client.write(ping)
    expect(bench.fates).toMatchObject([{ copies: 10_000 }])
    expect(heard()).toHaveLength(20_000)
  })

  it('sends what is left of a truncated packet, and tells its octets', () => {
    add('truncate', { settings: { octets: 3 }, filter: 'payload~"b"' })
    for (const packet of [a, b, c]) pump.client.write(packet)
    expect(heard()).toEqual(Buffer.concat([a, b.subarray(0, 3), c]))
    expect(bench.fates).toMatchObject([{ packet: 4, octets: b.subarray(0, 3).toString('hex') }])
  })

  it('joins what several rules do, in their order', () => {
    add('truncate', { settings: { octets: 3 } })
    add('duplicate')
    add('latency', { settings: { ms: 10 } })
    pump.client.write(a)
    bench.clock.advance(10)
    expect(heard()).toEqual(Buffer.concat([a.subarray(0, 3), a.subarray(0, 3)]))
    const octets = a.subarray(0, 3).toString('hex')
    const by = 'the truncate, the duplicate, the latency'
    expect(bench.fates).toEqual([{ type: 'packet sent', packet: 3, by, delay: 10e6, copies: 2, octets }])
  })

  it('acts on the way that it is for', () => {
    add('drop', { from: 'broker' })
    pump.client.write(ping)
    pump.broker.write(pong)
    expect(heard()).toEqual(Buffer.from(ping))
    expect(pump.atClient.heard).toHaveLength(0)
  })

  it('acts on octets that cannot be framed as on packets', () => {
    add('drop', { filter: 'malformed', times: 1 })
    pump.client.write(Uint8Array.of(0x00, 1, 2))
    pump.client.write(Uint8Array.of(3, 4))
    expect([...heard()]).toEqual([3, 4])
    expect(bench.fates).toHaveLength(1)
  })

  it('begins and ends at its time', () => {
    add('drop', { fromMs: 100, untilMs: 200 })
    pump.client.write(a)
    bench.clock.advance(100)
    pump.client.write(b)
    bench.clock.advance(100)
    pump.client.write(c)
    expect(heardLetters()).toBe('ac')
    expect(bench.wire.state().rules).toMatchObject([{ hits: 1, done: true }])
  })

  it('starts anew when it is enabled again', () => {
    const id = add('drop', { times: 1 })
    pump.client.write(a)
    pump.client.write(b)
    bench.wire.enableRule(id, false)
    bench.wire.enableRule(id, true)
    pump.client.write(c)
    pump.client.write(d)
    expect(heardLetters()).toBe('bd')
  })
})

describe('reorder', () => {
  it('lets so many packets overtake', () => {
    add('reorder', { filter: 'payload~"a"', settings: { packets: 2, ms: 1000 } })
    for (const packet of [a, b, c, d]) pump.client.write(packet)
    expect(heardLetters()).toBe('bcad')
    expect(bench.fates).toEqual([{ type: 'packet sent', packet: 3, by: 'the reorder', delay: 0, copies: 1 }])
  })

  it('lets packets overtake that it is about as well, and counts only what it put behind', () => {
    const id = add('reorder', { settings: { packets: 1, ms: 1000 } })
    for (const packet of [a, b, c, d]) pump.client.write(packet)
    expect(heardLetters()).toBe('badc')
    expect(bench.wire.state().rules.find((rule) => rule.id === id)).toMatchObject({ hits: 2, matched: 4 })
  })

  it('is dropped, not sent, what was to be overtaken when its receiver is gone', () => {
    add('reorder', { filter: 'payload~"a"', settings: { packets: 2, ms: 1000 } })
    pump.client.write(a)
    pump.broker.reset()
    expect(heardLetters()).toBe('')
    expect(bench.fates).toEqual([{ type: 'packet dropped', packet: 3, by: 'connection closed' }])
  })

  it('waits no longer than it may', () => {
    add('reorder', { filter: 'payload~"a"', settings: { packets: 2, ms: 1000 } })
    pump.client.write(a)
    pump.client.write(b)
    bench.clock.advance(1000)
    pump.client.write(c)
    expect(heardLetters()).toBe('bac')
    expect(bench.fates).toMatchObject([{ packet: 3, delay: 1000e6 }])
  })

  it('is not overtaken by the end of the connection', () => {
    add('reorder', { settings: { packets: 9, ms: 1000 } })
    for (const packet of [a, b]) pump.client.write(packet)
    pump.client.reset()
    expect(heardLetters()).toBe('ba')
    expect(pump.atBroker.calls).toEqual(['closed rst'])
    expect(bench.clock.waiting).toBeLessThanOrEqual(1)
  })
})
