import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRule } from '../../../../app/contract/wire.ts'
import { connectPacket, newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const pong = Uint8Array.of(0xd0, 0)
const a = publishPacket('t', 'a')
const b = publishPacket('t', 'b')
const c = publishPacket('t', 'c')

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

describe('cut', () => {
  it('ends both ends by RST after a packet, and drops what comes behind it', () => {
    add('cut', { filter: 'payload~"b"', settings: { how: 'rst', when: 'after' } })
    pump.client.write(Buffer.concat([a, b, c, Uint8Array.of(0x30, 9)]))
    expect(heardLetters()).toBe('ab')
    expect(pump.atBroker.calls).toEqual(['closed rst'])
    expect(pump.atClient.calls).toEqual(['closed rst'])
    expect(bench.tap.packets.slice(1).map(({ malformed }) => malformed)).toEqual([false, false, false, 'cut short'])
    expect(bench.tap.events.slice(1)).toEqual([
      { type: 'fault', what: 'cut with RST', by: 'the cut' },
      { type: 'packet dropped', packet: 6, by: 'the cut' },
      { type: 'packet dropped', packet: 8, by: 'the cut' },
      { type: 'closed', by: 'link', cause: 'rst', reason: 'the cut' },
    ])
    expect(pump.link.open).toBe(false)
  })

  it('ends before a packet, which then does not go on', () => {
    add('cut', { filter: 'payload~"b"', settings: { how: 'rst', when: 'before' } })
    for (const packet of [a, b]) pump.client.write(packet)
    expect(heardLetters()).toBe('a')
    expect(bench.fates).toEqual([{ type: 'packet dropped', packet: 4, by: 'the cut' }])
  })

  it('comes in its turn, behind the packets that are under way', () => {
    add('latency', { settings: { ms: 10 } })
    add('cut', { filter: 'payload~"b"' })
    for (const packet of [a, b, c]) pump.client.write(packet)
    expect(pump.link.open).toBe(true)
    bench.clock.advance(10)
    expect(heardLetters()).toBe('ab')
    expect(bench.fates.map(({ type, packet }) => [type, packet])).toEqual([
      ['packet sent', 3],
      ['packet sent', 4],
      ['packet dropped', 5],
    ])
    expect(pump.link.open).toBe(false)
  })

  it('comes before what the packet in front of it causes', () => {
    bench.wire.hold(true)
    pump.client.write(a)
    add('cut', { from: 'client' })
    pump.broker.listen({ octets: () => pump.broker.write(pong), ended() {}, drained() {}, closed() {} })
    pump.client.listen({ octets: () => pump.client.write(b), ended() {}, drained() {}, closed() {} })
    bench.wire.letGo()
    // The answer to the packet is a packet that the cut was ordered before.
    expect(bench.fates.slice(1).map(({ type, packet }) => [type, packet])).toEqual([
      ['packet sent', 3],
      ['packet dropped', 6],
    ])
  })

  it('captures what came in one piece with its packet as it would have gone on', () => {
    add('cut', { from: 'broker', filter: 'type:publish', times: 1 })
    const origin = { message: 4, kind: 'publish', clientId: 'x' } as const
    pump.broker.write(Buffer.concat([a, b]), origin)
    expect(bench.tap.packets.slice(1)).toMatchObject([{ origin: undefined }, { origin }])
  })

  it('sends FIN to both ends, drops what still comes, and resets an end that does not answer', () => {
    add('cut', { times: 1, settings: { how: 'fin', when: 'after' } })
    pump.client.write(a)
    expect(pump.atBroker.calls).toEqual(['ended'])
    expect(pump.atClient.calls).toEqual(['ended'])
    pump.client.write(b)
    expect(heardLetters()).toBe('a')
    pump.broker.end()
    expect(pump.link.open).toBe(true)
    bench.clock.advance(500)
    expect(pump.atClient.calls).toEqual(['ended', 'closed rst'])
    expect(bench.tap.events.slice(1)).toEqual([
      { type: 'fault', what: 'cut with FIN', by: 'the cut' },
      { type: 'packet dropped', packet: 5, by: 'the cut' },
      { type: 'closed', by: 'link', cause: 'fin', reason: 'the cut' },
    ])
  })

  it('by hand ends the links that fit, and drops what waits there', () => {
    const other = bench.connect('meter')
    bench.wire.hold(true)
    pump.client.write(a)
    expect(bench.wire.cut('pump-*', 'rst')).toBe(1)
    expect(bench.wire.cut('pump-*', 'rst')).toBe(0)
    expect([pump.link.open, other.link.open]).toEqual([false, true])
    expect(bench.tap.events.slice(-3)).toEqual([
      { type: 'fault', what: 'cut with RST', by: 'you' },
      { type: 'packet dropped', packet: 5, by: 'you' },
      { type: 'closed', by: 'link', cause: 'rst', reason: 'you' },
    ])
    expect(bench.wire.cut('*', 'fin')).toBe(1)
    other.client.end()
    other.broker.end()
    expect(other.link.open).toBe(false)
  })

  it('by hand ends the links of exactly these clients', () => {
    const [star, other] = [bench.connect('*'), bench.connect('meter')]
    const silent = bench.open()
    expect(bench.wire.cutAll(new Set(['*', 'pump-01', 'nobody']), 'rst')).toBe(2)
    expect([star, pump, other, silent].map(({ link }) => link.open)).toEqual([false, false, true, true])
  })
})

describe('half-open', () => {
  it('swallows octets both ways, tells nobody, and lets them pass again when it is healed', () => {
    add('halfOpen', { clients: 'pump-01' })
    pump.client.write(a)
    pump.broker.write(pong)
    expect(heard()).toHaveLength(0)
    expect(pump.atClient.heard).toHaveLength(0)
    expect(bench.tap.events.slice(1)).toEqual([
      { type: 'fault', what: 'half-open', by: 'the halfOpen' },
      { type: 'packet dropped', packet: 4, by: 'the halfOpen' },
      { type: 'packet dropped', packet: 6, by: 'the halfOpen' },
    ])
    expect(bench.wire.heal('pump-*')).toBe(1)
    pump.client.write(b)
    expect(heardLetters()).toBe('b')
    expect(bench.tap.events.at(-1)).toEqual({ type: 'fault', what: 'healed', by: 'the halfOpen' })
  })

  it('keeps the end of one end from the other, which learns it by RST when the link is healed', () => {
    for (const how of ['end', 'reset'] as const) {
      const link = bench.connect('x')
      add('halfOpen', { clients: 'x' })
      link.client[how]()
      link.broker.write(pong)
      expect(link.atBroker.calls).toEqual([])
      expect(bench.tap.events.filter(({ type }) => type === 'one end closed').at(-1)).toMatchObject({ by: 'client' })
      bench.wire.heal('x')
      expect(link.atBroker.calls).toEqual(['closed rst'])
      expect(bench.tap.events.at(-1)).toMatchObject({ type: 'closed', by: 'client' })
      expect(link.link.open).toBe(false)
    }
  })

  it('closes the link when both ends are gone, without telling either of the other', () => {
    add('halfOpen')
    pump.broker.end('keep alive ran out')
    expect(pump.atClient.calls).toEqual([])
    pump.broker.reset()
    expect(pump.atClient.calls).toEqual([])
    pump.client.end()
    expect(bench.tap.events.slice(2)).toEqual([
      { type: 'one end closed', by: 'broker', cause: 'fin', reason: 'keep alive ran out' },
      { type: 'closed', by: 'broker', cause: 'fin', reason: 'keep alive ran out' },
    ])
    expect(pump.atClient.calls).toEqual(['ended', 'closed fin'])
  })

  it('concerns a client as soon as it says who it is, and ends at its time', () => {
    add('halfOpen', { clients: 'pump-09', untilMs: 1000 })
    const link = bench.open()
    link.client.write(connectPacket('pump-09'))
    expect(link.atBroker.heard).toHaveLength(0)
    bench.clock.advance(1000)
    link.client.write(ping)
    expect([...link.atBroker.heard]).toEqual([...ping])
  })

  it('swallows one way only where it is for one', () => {
    add('halfOpen', { from: 'broker' })
    pump.client.write(a)
    pump.broker.write(pong)
    expect(heardLetters()).toBe('a')
    expect(pump.atClient.heard).toHaveLength(0)
    expect(bench.tap.events[1]).toMatchObject({ what: 'half-open to the client' })
  })

  it('swallows what a breakpoint held when it goes on', () => {
    bench.wire.hold(true)
    pump.client.write(a)
    add('halfOpen')
    bench.wire.letGo()
    expect(heard()).toHaveLength(0)
    expect(bench.fates.at(-1)).toEqual({ type: 'packet dropped', packet: 3, by: 'the halfOpen' })
  })

  it('takes as many connections as it is to, and keeps those', () => {
    add('halfOpen', { times: 1 })
    const other = bench.connect('pump-02')
    pump.broker.write(pong)
    expect(pump.atClient.heard).toHaveLength(0)
    for (const link of [pump, other]) {
      link.client.write(ping)
      link.client.write(ping)
    }
    expect(heard()).toHaveLength(0)
    expect(heard(other)).toHaveLength(4)
  })
})

describe('refuse', () => {
  it('resets every new connection before the broker hears of it, and leaves those that are open', () => {
    const before = bench.open()
    add('refuse')
    before.client.write(connectPacket('early'))
    expect(before.link.open).toBe(true)
    const link = bench.open()
    expect(link.link.open).toBe(false)
    expect([link.atClient.calls, link.atBroker.calls]).toEqual([['closed rst'], ['closed rst']])
    expect(bench.tap.events.slice(-3)).toEqual([
      { type: 'opened', transport: 'tcp', remote: 'this process' },
      { type: 'fault', what: 'refused', by: 'the refuse' },
      { type: 'closed', by: 'link', cause: 'rst', reason: 'the refuse' },
    ])
    pump.client.write(ping)
    expect(heard()).toHaveLength(2)
  })

  it('resets the connection of a client when its CONNECT says who it is', () => {
    add('refuse', { clients: 'pump-0*' })
    const link = bench.open()
    // What came before CONNECT has gone on, though the protocol forbids it [MQTT-3.1.0-1].
    link.client.write(Buffer.concat([ping, connectPacket('pump-09')]))
    expect([...link.atBroker.heard]).toEqual([...ping])
    expect(bench.tap.events.slice(-3)).toEqual([
      { type: 'fault', what: 'refused', by: 'the refuse' },
      { type: 'packet dropped', packet: expect.any(Number), by: 'the refuse' },
      { type: 'closed', by: 'link', cause: 'rst', reason: 'the refuse' },
    ])
    expect(bench.connect('meter').link.open).toBe(true)
  })

  it('ends by FIN where it is to', () => {
    add('refuse', { settings: { how: 'fin' }, times: 1 })
    const link = bench.open()
    expect(link.atClient.calls).toEqual(['ended'])
    expect(link.atBroker.calls).toEqual(['closed rst'])
    link.client.end()
    expect(link.link.open).toBe(false)
    expect(bench.open().link.open).toBe(true)
  })
})
