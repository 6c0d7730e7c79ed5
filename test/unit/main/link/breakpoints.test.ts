import { beforeEach, describe, expect, it } from 'vitest'
import { isFate } from '../../../../app/capture/captured.ts'
import {
  acknowledgement,
  connectPacket,
  newRule,
  publishPacket,
  type TestLink,
  TestWire,
} from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const pong = Uint8Array.of(0xd0, 0)

let bench: TestWire
let pump: TestLink

beforeEach(() => {
  bench = new TestWire()
  pump = bench.connect('pump-01')
})

/** What the broker has heard after CONNECT. */
function heard(link: TestLink = pump): Buffer {
  return link.atBroker.heard.subarray(link.atBroker.chunks[0]?.length ?? 0)
}

describe('a breakpoint', () => {
  it('stops the packets that its filter matches, and what comes behind them on their way', () => {
    bench.wire.addBreakpoint('type:publish topic:a')
    const held = publishPacket('a', '1')
    pump.client.write(ping)
    pump.client.write(held)
    pump.client.write(ping)
    expect(heard()).toEqual(Buffer.from(ping))
    const { held: list, heldCount, waitingCount } = bench.wire.state()
    expect([heldCount, waitingCount]).toEqual([1, 1])
    expect(list).toMatchObject([
      { packet: 4, connection: 1, direction: 'to broker', by: 'type:publish topic:a', waiting: 1, length: held.length },
    ])
    expect(Buffer.from(list[0]?.octets ?? [])).toEqual(held)
    expect(bench.fates).toEqual([{ type: 'packet held', packet: 4, by: 'type:publish topic:a' }])
  })

  it('does not stop the other way, nor other clients', () => {
    const other = bench.connect('pump-02')
    bench.wire.addBreakpoint('client:pump-01 type:pingreq')
    for (const link of [pump, other]) {
      link.client.write(ping)
      link.broker.write(pong)
    }
    expect(heard()).toHaveLength(0)
    expect(heard(other)).toEqual(Buffer.from(ping))
    expect(pump.atClient.heard).toEqual(Buffer.from(pong))
  })

  it('counts what it held, and holds no more when it is off or removed', () => {
    const id = bench.wire.addBreakpoint('type:pingreq')
    pump.client.write(ping)
    bench.wire.enableBreakpoint(id, false)
    expect(bench.wire.letGo()).toBe(1)
    pump.client.write(ping)
    expect(bench.wire.state().breakpoints).toEqual([{ id, filter: 'type:pingreq', enabled: false, hits: 1 }])
    bench.wire.enableBreakpoint(id, true)
    pump.client.write(ping)
    expect(bench.wire.state()).toMatchObject({ heldCount: 1, breakpoints: [{ hits: 2 }] })
    bench.wire.removeBreakpoint(id)
    expect(bench.wire.state()).toMatchObject({ heldCount: 1, breakpoints: [] })
    bench.wire.next()
    pump.client.write(ping)
    expect(heard()).toHaveLength(8)
  })

  it('looks at a packet when its turn comes, with what is known of its connection then', () => {
    const link = bench.open()
    bench.wire.addBreakpoint('client:pump-09')
    link.client.write(connectPacket('pump-09'))
    expect(bench.wire.state().held).toMatchObject([{ connection: 2, by: 'client:pump-09' }])
    expect(link.atBroker.heard).toHaveLength(0)
  })

  it('refuses a filter that cannot be read, and an id that is not there', () => {
    expect(() => bench.wire.addBreakpoint('type:')).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
    expect(() => bench.wire.enableBreakpoint('x', true)).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => bench.wire.removeBreakpoint('x')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(bench.wire.state().breakpoints).toEqual([])
  })
})

describe('a held packet', () => {
  beforeEach(() => {
    bench.wire.addBreakpoint('type:pubrel')
    pump.client.write(acknowledgement('pubrel', 7))
    pump.client.write(ping)
  })

  const [number, pinged] = [3, 5]

  it('goes on when it is delivered, and what waited with it', () => {
    bench.clock.advance(20)
    bench.wire.decide(number, 'deliver')
    expect(heard()).toEqual(Buffer.concat([acknowledgement('pubrel', 7), ping]))
    expect(bench.fates.slice(1)).toEqual([
      { type: 'packet sent', packet: number, by: 'type:pubrel', delay: 20e6, copies: 1 },
      { type: 'packet sent', packet: pinged, by: 'type:pubrel', delay: 20e6, copies: 1 },
    ])
    expect(bench.wire.state()).toMatchObject({ heldCount: 0, waitingCount: 0 })
  })

  it('vanishes when it is dropped', () => {
    bench.wire.decide(number, 'drop')
    expect(heard()).toEqual(Buffer.from(ping))
    expect(bench.fates[1]).toEqual({ type: 'packet dropped', packet: number, by: 'you' })
  })

  it('goes on twice', () => {
    bench.wire.decide(number, 'twice')
    const pubrel = acknowledgement('pubrel', 7)
    expect(heard()).toEqual(Buffer.concat([pubrel, pubrel, ping]))
    expect(bench.fates[1]).toMatchObject({ type: 'packet sent', packet: number, by: 'type:pubrel, you', copies: 2 })
  })

  it('goes on with other octets, whatever they are', () => {
    const other = Uint8Array.of(0x62, 2, 0xff, 0)
    bench.wire.decide(number, 'deliver', other)
    expect(heard()).toEqual(Buffer.concat([other, ping]))
    expect(bench.fates[1]).toMatchObject({ packet: number, by: 'type:pubrel, you', copies: 1, octets: '6202ff00' })
  })

  it('can be decided about once', () => {
    bench.wire.decide(number, 'drop')
    for (const packet of [number, pinged, 99]) {
      expect(() => bench.wire.decide(packet, 'deliver')).toThrow(expect.objectContaining({ code: 'not-found' }))
    }
  })

  it('is still subject to faults when it goes on', () => {
    bench.wire.addRule(newRule('drop', { name: 'no PUBREL', filter: 'type:pubrel' }))
    bench.wire.decide(number, 'deliver')
    expect(heard()).toEqual(Buffer.from(ping))
    expect(bench.fates[1]).toEqual({ type: 'packet dropped', packet: number, by: 'no PUBREL' })
  })
})

describe('stepping', () => {
  it('delivers what came first, over all connections', () => {
    const other = bench.connect('pump-02')
    bench.wire.hold(true)
    other.client.write(ping)
    pump.client.write(ping)
    other.client.write(publishPacket('b', '2'))
    const order: (number | undefined)[] = []
    for (let i = 0; i < 4; i++) order.push(bench.wire.next())
    const packets = bench.tap.packets.slice(2).map(({ number }) => number)
    expect(order).toEqual([...packets, undefined])
    expect(bench.fates.filter(({ type }) => type === 'packet held').map(({ by }) => by)).toEqual(
      new Array(3).fill('hold everything'),
    )
  })

  it('holds nothing new when holding ends, and keeps what it has', () => {
    bench.wire.hold(true)
    pump.client.write(ping)
    pump.client.write(ping)
    bench.wire.hold(false)
    pump.client.write(ping)
    expect(bench.wire.state()).toMatchObject({ holding: false, heldCount: 1, waitingCount: 2 })
    bench.wire.next()
    expect(heard()).toHaveLength(6)
    expect(bench.wire.state().heldCount).toBe(0)
  })

  it('lets go of all that waits, while breakpoints stay for what comes later', () => {
    bench.wire.addBreakpoint('type:publish')
    bench.wire.hold(true)
    pump.client.write(publishPacket('a', '1'))
    pump.client.write(publishPacket('a', '2'))
    pump.broker.write(pong)
    expect(bench.wire.letGo()).toBe(3)
    expect(bench.wire.state()).toMatchObject({ holding: false, heldCount: 0, waitingCount: 0 })
    expect(heard()).toEqual(Buffer.concat([publishPacket('a', '1'), publishPacket('a', '2')]))
    pump.client.write(publishPacket('a', '3'))
    expect(bench.wire.state().heldCount).toBe(1)
    expect(bench.wire.letGo()).toBe(1)
    expect(bench.wire.letGo()).toBe(0)
  })

  it('lets go of what one breakpoint holds, and asks the others about what is behind', () => {
    const a = bench.wire.addBreakpoint('topic:a')
    const b = bench.wire.addBreakpoint('topic:b')
    const other = bench.connect('pump-02')
    other.client.write(publishPacket('b', '0'))
    for (const topic of ['a', 'b', 'a']) pump.client.write(publishPacket(topic, '1'))
    expect(bench.wire.letGo(a)).toBe(1)
    expect(heard()).toEqual(publishPacket('a', '1'))
    expect(bench.wire.state()).toMatchObject({ heldCount: 2, waitingCount: 1 })
    bench.wire.removeBreakpoint(b)
    expect(bench.wire.letGo(b)).toBe(2)
    expect(bench.wire.state().held).toMatchObject([{ breakpoint: a }])
    expect(bench.wire.letGo('breakpoint-9')).toBe(0)
  })

  it('does not let go of another packet for one that has gone on meanwhile', () => {
    const a = bench.wire.addBreakpoint('topic:a')
    bench.wire.addBreakpoint('topic:b')
    const other = bench.connect('pump-02')
    // What comes to the broker makes somebody deliver the other packet; what is behind it is held by another breakpoint.
    pump.broker.listen({ octets: () => bench.wire.next(), ended() {}, drained() {}, closed() {} })
    pump.client.write(publishPacket('a', '1'))
    for (const topic of ['a', 'b']) other.client.write(publishPacket(topic, '2'))
    expect(bench.wire.letGo(a)).toBe(1)
    expect(heard(other)).toEqual(publishPacket('a', '2'))
    expect(bench.wire.state().heldCount).toBe(1)
  })

  it('keeps the order when packets arrive because others were let go', () => {
    pump.broker.listen({
      octets: () => pump.broker.write(pong),
      ended() {},
      drained() {},
      closed() {},
    })
    bench.wire.hold(true)
    pump.client.write(ping)
    pump.broker.write(publishPacket('x', '1'))
    pump.broker.write(publishPacket('x', '2'))
    bench.wire.letGo()
    expect(pump.atClient.heard).toEqual(Buffer.concat([publishPacket('x', '1'), publishPacket('x', '2'), pong]))
  })

  it('goes on with what comes later when it is slow motion', () => {
    bench.wire.speed(0.1)
    pump.client.write(ping)
    bench.clock.advance(899)
    expect(heard()).toHaveLength(0)
    bench.clock.advance(1)
    expect(heard()).toEqual(Buffer.from(ping))
    expect(bench.fates).toEqual([{ type: 'packet sent', packet: 3, by: 'speed 0.1', delay: 900e6, copies: 1 }])
    bench.wire.speed(1)
    pump.client.write(ping)
    expect(heard()).toHaveLength(4)
    for (const speed of [0, 0.009, 1.1, Number.NaN]) {
      expect(() => bench.wire.speed(speed)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
    }
  })
})

describe('a keep alive', () => {
  it('runs out one and a half intervals after the last packet that really went on', () => {
    const link = bench.connect('alive', { keepalive: 10 })
    bench.clock.advance(3000)
    link.client.write(ping)
    const last = bench.clock.now()
    bench.wire.hold(true)
    bench.clock.advance(4000)
    link.client.write(ping)
    link.broker.write(pong)
    expect(bench.wire.state().held.map(({ keepAliveEndsAt }) => keepAliveEndsAt)).toEqual([
      last + 15_000,
      last + 15_000,
    ])
    bench.wire.next()
    // The way to the broker is free: nobody knows how long the client waits.
    expect(bench.wire.state().held.map(({ keepAliveEndsAt }) => keepAliveEndsAt)).toEqual([undefined])
  })

  it('is not spoken of where there is none', () => {
    bench.wire.hold(true)
    pump.client.write(ping)
    const link = bench.open()
    link.client.write(connectPacket('new', { keepalive: 5 }))
    expect(bench.wire.state().held.map(({ keepAliveEndsAt }) => keepAliveEndsAt)).toEqual([undefined, undefined])
  })
})

describe('an end that goes while packets wait', () => {
  beforeEach(() => {
    bench.wire.addBreakpoint('type:pingreq')
    bench.wire.addBreakpoint('type:pingresp')
  })

  it('is told to the other when its packets have arrived: FIN', () => {
    pump.client.write(ping)
    pump.client.end()
    expect(pump.atBroker.calls).toEqual([])
    expect(bench.tap.events.at(-1)).toEqual({ type: 'one end closed', by: 'client', cause: 'fin', reason: undefined })
    bench.wire.letGo()
    expect(heard()).toEqual(Buffer.from(ping))
    expect(pump.atBroker.calls).toEqual(['ended'])
    pump.broker.end()
    expect(bench.tap.events.at(-1)).toEqual({ type: 'closed', by: 'client', cause: 'fin', reason: undefined })
    expect(bench.tap.events.filter(({ type }) => type === 'closed')).toHaveLength(1)
  })

  it('is told to the other when its packets have arrived: RST, and loses what was meant for it', () => {
    pump.client.write(ping)
    pump.broker.write(pong)
    pump.client.reset()
    expect(bench.tap.events.slice(3)).toEqual([
      { type: 'one end closed', by: 'client', cause: 'rst', reason: undefined },
      { type: 'packet dropped', packet: 5, by: 'connection closed' },
    ])
    // The broker does not know and goes on.
    pump.broker.write(pong)
    expect(bench.fates.at(-1)).toMatchObject({ type: 'packet dropped', by: 'connection closed' })
    expect(pump.link.open).toBe(true)
    bench.wire.next()
    expect(heard()).toEqual(Buffer.from(ping))
    expect(pump.atBroker.calls).toEqual(['closed rst'])
    expect(bench.tap.events.at(-1)).toEqual({ type: 'closed', by: 'client', cause: 'rst', reason: undefined })
    expect(pump.link.open).toBe(false)
  })

  it('is not said to be gone alone when the other hears of it at once', () => {
    pump.broker.write(pong)
    pump.client.reset()
    expect(bench.tap.events.slice(2)).toEqual([
      { type: 'packet dropped', packet: 3, by: 'connection closed' },
      { type: 'closed', by: 'client', cause: 'rst', reason: undefined },
    ])
    expect(pump.atBroker.calls).toEqual(['closed rst'])
  })

  it('closes the link when the other goes as well', () => {
    pump.client.write(ping)
    pump.client.reset()
    pump.broker.reset()
    expect(bench.tap.events.slice(-2)).toEqual([
      { type: 'packet dropped', packet: 3, by: 'connection closed' },
      { type: 'closed', by: 'client', cause: 'rst', reason: undefined },
    ])
    expect(bench.wire.state()).toMatchObject({ heldCount: 0, waitingCount: 0 })
    expect(bench.wire.letGo()).toBe(0)
  })

  it('is let go of like everything else', () => {
    pump.client.write(ping)
    pump.broker.write(pong)
    pump.client.end()
    pump.broker.end()
    expect(bench.tap.events.filter(({ type }) => type === 'one end closed')).toHaveLength(2)
    expect(bench.wire.letGo()).toBe(2)
    expect(pump.atClient.heard).toEqual(Buffer.from(pong))
    expect(pump.atClient.calls).toEqual(['ended', 'closed fin'])
    expect(pump.link.open).toBe(false)
  })

  it('takes half a packet with it, in order', () => {
    pump.client.write(ping)
    pump.client.write(Uint8Array.of(0x30, 10, 0))
    pump.client.reset()
    bench.wire.letGo()
    expect([...heard()]).toEqual([...ping, 0x30, 10, 0])
    expect(bench.tap.packets.at(-1)).toMatchObject({ malformed: 'cut short', direction: 'to broker' })
  })
})

describe('what waits', () => {
  it('is bounded: beyond a mebibyte the sender has to wait', () => {
    bench.wire.hold(true)
    const piece = Buffer.concat(new Array(100).fill(publishPacket('a', 'x'.repeat(500))))
    let written = 0
    while (pump.client.write(piece) && written < 64e6) written += piece.length
    expect(written).toBeGreaterThan(512 * 1024)
    expect(written).toBeLessThan(2 * 1024 * 1024)
    bench.wire.letGo()
    expect(heard()).toHaveLength(written + piece.length)
    expect(pump.atClient.calls).toEqual(['drained'])
  })

  it('counts small packets as more than their octets', () => {
    bench.wire.hold(true)
    let pings = 0
    while (pump.client.write(ping) && pings < 1e6) pings += 1
    expect(pings).toBeLessThan(50_000)
  })

  it('is told as it is on the way back to normal', () => {
    bench.wire.hold(true)
    pump.client.write(ping)
    bench.wire.letGo()
    pump.client.write(ping)
    // Nothing is done any more, so nothing is said any more.
    expect(bench.tap.records.at(-1)).toMatchObject({ kind: 'packet' })
    expect(bench.tap.events.filter(isFate)).toHaveLength(2)
    expect(bench.clock.waiting).toBeLessThanOrEqual(1)
  })
})
