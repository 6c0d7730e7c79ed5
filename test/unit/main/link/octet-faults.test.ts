import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRule } from '../../../../app/contract/wire.ts'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const a = publishPacket('t', 'a')
const b = publishPacket('t', 'b')

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
