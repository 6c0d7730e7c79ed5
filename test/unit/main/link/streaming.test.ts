import { beforeEach, describe, expect, it } from 'vitest'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const large = publishPacket('t', 'x'.repeat(200))

let bench: TestWire
let pump: TestLink

beforeEach(() => {
  bench = new TestWire({ keeps: 100 })
  pump = bench.open()
})

function heard(): Buffer {
  return pump.atBroker.heard
}

describe('a packet that is larger than what a capture keeps', () => {
  it('goes on as it comes, and is captured with its true length when its last octet passes', () => {
    pump.client.write(large.subarray(0, 150))
    expect(heard()).toEqual(large.subarray(0, 150))
    expect(bench.tap.packets).toEqual([])
    pump.client.write(Buffer.concat([large.subarray(150), ping]))
    expect(heard()).toEqual(Buffer.concat([large, ping]))
    expect(bench.tap.packets).toMatchObject([
      { length: large.length, octets: new Uint8Array(large.subarray(0, 100)) },
      { length: 2 },
    ])
    expect(bench.tap.events).toHaveLength(1)
  })

  it('waits until it is whole where a breakpoint or a rule of packets looks at it', () => {
    const id = bench.wire.addRule(newRule('latency', { settings: { ms: 0 } }))
    pump.client.write(large.subarray(0, 150))
    expect(heard()).toHaveLength(0)
    pump.client.write(large.subarray(150))
    expect(heard()).toEqual(large)
    bench.wire.removeRule(id)
    bench.wire.addBreakpoint('bytes>100')
    pump.client.write(large.subarray(0, 150))
    pump.client.write(large.subarray(150))
    expect(bench.wire.state().held).toMatchObject([{ length: large.length }])
  })

  it('goes on to its end when a breakpoint is set in its middle, and waits where it stands behind one', () => {
    pump.client.write(large.subarray(0, 150))
    bench.wire.hold(true)
    pump.client.write(Buffer.concat([large.subarray(150), ping]))
    expect(heard()).toEqual(large)
    expect(bench.wire.state()).toMatchObject({ heldCount: 1, waitingCount: 0 })
    bench.wire.hold(false)
    pump.client.write(large.subarray(0, 150))
    pump.client.write(large.subarray(150))
    expect(bench.wire.state()).toMatchObject({ heldCount: 1, waitingCount: 1 })
    bench.clock.advance(5)
    bench.wire.next()
    expect(heard()).toEqual(Buffer.concat([large, ping, large]))
    expect(bench.fates.slice(1)).toMatchObject([
      { type: 'packet sent', packet: 3, by: 'hold everything', delay: 5e6 },
      { type: 'packet sent', packet: 5, by: 'hold everything', delay: 5e6 },
    ])
  })

  it('is not overtaken in its middle by a packet that was put behind', () => {
    const id = bench.wire.addRule(newRule('reorder', { settings: { packets: 1, ms: 10 } }))
    pump.client.write(ping)
    bench.wire.removeRule(id)
    pump.client.write(large.subarray(0, 150))
    bench.clock.advance(100)
    pump.client.write(large.subarray(150, 160))
    pump.client.write(large.subarray(160))
    expect(heard()).toEqual(Buffer.concat([large, ping]))
  })

  it('is dropped to its end when a part of it was, and says so once', () => {
    for (const sliced of [false, true]) {
      const link = bench.open()
      bench.wire.addRule(newRule('halfOpen', { name: 'silence', untilMs: 100 }))
      if (sliced) bench.wire.addRule(newRule('slice', { settings: { gapMs: 1 } }))
      link.client.write(large.subarray(0, 150))
      bench.clock.advance(100)
      link.client.write(Buffer.concat([large.subarray(150), ping]))
      bench.clock.advance(10)
      expect(link.atBroker.heard).toEqual(Buffer.from(ping))
      const drops = bench.fates.filter(({ type }) => type === 'packet dropped')
      expect(drops).toEqual([{ type: 'packet dropped', packet: expect.any(Number), by: 'silence' }])
      expect(link.link.open).toBe(true)
      bench = new TestWire({ keeps: 100 })
    }
  })

  it('tears the connection when its end is lost', () => {
    pump.client.write(large.subarray(0, 150))
    const id = bench.wire.addRule(newRule('halfOpen', { name: 'silence' }))
    pump.client.write(large.subarray(150))
    bench.wire.removeRule(id)
    expect(heard()).toEqual(large.subarray(0, 150))
    expect(bench.tap.events.at(-1)).toMatchObject({
      type: 'closed',
      by: 'link',
      reason: 'silence: a packet was cut off',
    })
  })

  it('is told as cut short, also where it had to wait', () => {
    for (const holding of [false, true]) {
      const link = bench.open()
      bench.wire.hold(holding)
      if (holding) link.client.write(ping)
      bench.wire.hold(false)
      link.client.write(large.subarray(0, 150))
      link.client.reset()
      bench.wire.letGo()
      expect(link.atBroker.heard).toEqual(Buffer.concat([holding ? ping : Buffer.alloc(0), large.subarray(0, 150)]))
      expect(bench.tap.packets.at(-1)).toMatchObject({ malformed: 'cut short', length: 150 })
      expect(bench.fates.filter(({ type }) => type === 'packet dropped')).toEqual([])
    }
  })

  it('comes in pieces through a narrow way, without being collected', () => {
    bench.wire.addRule(newRule('bandwidth', { name: 'narrow', settings: { rate: 1000 } }))
    pump.client.write(large.subarray(0, 150))
    bench.clock.advance(150)
    expect(heard()).toEqual(large.subarray(0, 150))
    pump.client.write(large.subarray(150))
    bench.clock.advance(100)
    expect(heard()).toEqual(large)
    expect(bench.fates).toMatchObject([{ type: 'packet sent', by: 'narrow', copies: 1 }])
    expect(bench.wire.state().rules).toMatchObject([{ matched: 1 }])
  })
})
