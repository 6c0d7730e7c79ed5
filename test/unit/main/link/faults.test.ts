import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRule } from '../../../../app/contract/wire.ts'
import { connectPacket, newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const pong = Uint8Array.of(0xd0, 0)
const letters = ['a', 'b', 'c', 'd', 'e'].map((letter) => publishPacket('t', letter))
const [a, b, c, d, e] = letters as [Buffer, Buffer, Buffer, Buffer, Buffer]

let bench: TestWire
let pump: TestLink

beforeEach(() => {
  bench = new TestWire()
  pump = bench.connect('pump-01')
})

function add(fault: string, fields: Partial<NewRule> = {}): string {
  return bench.wire.addRule(newRule(fault, { name: `the ${fault}`, ...fields }))
}

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
    expect(heardLetters()).toBe('ab')
    expect(pump.atBroker.calls).toEqual(['closed rst'])
    expect(bench.clock.waiting).toBeLessThanOrEqual(1)
  })
})

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
    add('refuse')
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
    const link = bench.connect('pump-09')
    expect(link.atBroker.heard).toHaveLength(0)
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

describe('octets below packets', () => {
  it('leave no faster than the bandwidth', () => {
    add('bandwidth', { settings: { rate: 1000 } })
    const packet = publishPacket('t', 'x'.repeat(993))
    expect(packet).toHaveLength(999)
    pump.client.write(packet)
    bench.clock.advance(500)
    expect(heard().length).toBeGreaterThanOrEqual(450)
    expect(heard().length).toBeLessThanOrEqual(500)
    bench.clock.advance(499)
    expect(heard()).toEqual(packet)
    expect(bench.fates).toEqual([{ type: 'packet sent', packet: 3, by: 'the bandwidth', delay: 999e6, copies: 1 }])
  })

  it('leave at once when the bandwidth is back', () => {
    const id = add('bandwidth', { settings: { rate: 1 } })
    pump.client.write(a)
    pump.client.write(b)
    bench.clock.advance(2000)
    expect(heard()).toHaveLength(2)
    bench.wire.removeRule(id)
    expect(heardLetters()).toBe('ab')
  })

  it('leave in pieces, each in a turn of its own', () => {
    add('slice', { settings: { min: 2, max: 2, gapMs: 0 } })
    pump.client.write(Buffer.concat([a, b]))
    const before = pump.atBroker.chunks.length
    expect(heard()).toHaveLength(0)
    for (let i = 0; i < 20; i++) bench.clock.advance(0)
    expect(heardLetters()).toBe('ab')
    const lengths = pump.atBroker.chunks.slice(before).map(({ length }) => length)
    expect(lengths.every((length) => length <= 2)).toBe(true)
  })

  it('are shaped by several rules together', () => {
    add('bandwidth', { settings: { rate: 100 } })
    add('slice', { settings: { min: 1, max: 1, gapMs: 1 } })
    pump.client.write(a)
    bench.clock.advance(10_000)
    expect(heard()).toEqual(a)
    expect(pump.atBroker.chunks.slice(1).every(({ length }) => length === 1)).toBe(true)
    expect(bench.fates).toMatchObject([{ by: 'the bandwidth, the slice' }])
  })

  it('are lost with the packet when the link is half open, and then nothing can heal it', () => {
    add('slice', { settings: { min: 1, max: 1, gapMs: 1 } })
    pump.client.write(a)
    bench.clock.advance(3)
    const id = add('halfOpen')
    bench.clock.advance(100)
    expect(heard()).toEqual(a.subarray(0, 3))
    expect(bench.fates).toEqual([{ type: 'packet dropped', packet: 3, by: 'the halfOpen' }])
    bench.wire.removeRule(id)
    expect(pump.atBroker.calls).toEqual(['closed rst'])
    expect(bench.tap.events.at(-1)).toEqual({
      type: 'closed',
      by: 'link',
      cause: 'rst',
      reason: 'the halfOpen: a packet was cut off',
    })
  })
})

describe('the rules of a wire', () => {
  it('are refused with every mistake at once', () => {
    const draft = newRule('latency', { settings: { ms: -1 }, nth: 0, filter: 'type:' })
    expect(() => bench.wire.addRule(draft)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/ms.*nth.*filter/s),
      }),
    )
    expect(() => bench.wire.addRule(newRule('latency', { filter: '(' }))).toThrow(/filter/)
    expect(() => bench.wire.addRule({ ...newRule('latency'), fault: 'nonsense' })).toThrow(/nonsense/)
    expect(bench.wire.state().rules).toEqual([])
  })

  it('are named by what they do, and known by an id', () => {
    const id = bench.wire.addRule(newRule('latency', { clients: 'pump-*', settings: { ms: 200 } }))
    expect(bench.wire.state().rules).toMatchObject([{ id, name: 'latency 200 ms for pump-*', enabled: true }])
    bench.wire.enableRule(id, false)
    expect(bench.wire.state().rules).toMatchObject([{ enabled: false }])
    bench.wire.removeRule(id)
    for (const act of [() => bench.wire.enableRule(id, true), () => bench.wire.removeRule(id)]) {
      expect(act).toThrow(expect.objectContaining({ code: 'not-found' }))
    }
  })

  it('are healed where they concern these clients and no others', () => {
    for (const clients of ['*', 'pump-*', 'pump-01', 'meter']) add('latency', { clients })
    expect(bench.wire.heal('pump-*')).toBe(2)
    expect(bench.wire.state().rules.map(({ clients }) => clients)).toEqual(['*', 'meter'])
    expect(bench.wire.heal('*')).toBe(2)
  })

  it('concern a client that the broker has named', () => {
    add('drop', { clients: 'auto-1' })
    const link = bench.connect('')
    bench.wire.identify(link.connection, 'auto-1')
    bench.wire.identify(pump.connection, 'auto-1')
    for (const one of [pump, link]) one.client.write(ping)
    expect(heard()).toHaveLength(2)
    expect(heard(link)).toHaveLength(0)
  })

  it('decide for each client alone', () => {
    const lost = (others: number): string => {
      const wire = new TestWire({ seed: 7 })
      wire.wire.addRule(newRule('loss', { settings: { rate: 0.5 } }))
      const links = Array.from({ length: others }, (_, i) => wire.connect(`other-${i}`))
      const link = wire.connect('pump-01')
      for (let i = 0; i < 60; i++) {
        for (const other of links) other.client.write(ping)
        link.client.write(publishPacket('t', String.fromCharCode(48 + i)))
      }
      return link.atBroker.heard.toString('hex')
    }
    expect(lost(0)).toBe(lost(3))
  })
})

describe('what has changed', () => {
  it('is told at most every 50 ms, and only when something has', () => {
    const states: number[] = []
    bench.clock.advance(100)
    bench.wire.onChanged(({ heldCount }) => states.push(heldCount))
    bench.clock.advance(1000)
    expect(states).toEqual([])
    bench.wire.hold(true)
    for (let i = 0; i < 10; i++) pump.client.write(ping)
    bench.clock.advance(49)
    expect(states).toEqual([])
    bench.clock.advance(1)
    expect(states).toEqual([1])
    bench.clock.advance(1000)
    expect(states).toEqual([1])
    pump.client.write(ping)
    bench.clock.advance(50)
    expect(states).toEqual([1, 1])
  })

  it('is told when the count of a rule has, and when its time is over', () => {
    add('drop', { untilMs: 500 })
    bench.clock.advance(100)
    const states: [number, boolean][] = []
    bench.wire.onChanged(({ rules }) => states.push([rules[0]?.hits ?? -1, rules[0]?.done ?? false]))
    pump.client.write(a)
    bench.clock.advance(1000)
    expect(states).toEqual([
      [1, false],
      [1, true],
    ])
    expect(bench.clock.waiting).toBe(0)
  })

  it('is told no more when the wire is disposed, and everything is let go', () => {
    add('halfOpen', { clients: 'nobody' })
    bench.wire.hold(true)
    pump.client.write(a)
    bench.wire.onChanged(() => expect.unreachable())
    bench.wire.dispose()
    bench.wire.dispose()
    expect(heardLetters()).toBe('a')
    expect(bench.clock.waiting).toBe(0)
    pump.client.write(e)
    expect(heardLetters()).toBe('ae')
  })
})
