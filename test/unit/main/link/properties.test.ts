import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyPacket, concat, segmented } from '../../../helpers/packets.ts'
import { newRule, publishPacket, TestWire } from '../../../helpers/test-wire.ts'
import { anyRule, arrived, few, settle } from '../../../helpers/wire-accounting.ts'

const packets = fc.array(anyPacket, { maxLength: 8 }).map((list) => list.map(({ octets }) => octets))
const valid = packets.chain((list) => segmented(concat(list)).map((pieces) => ({ list, pieces })))
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(packets, fc.uint8Array({ maxLength: 60 })).map(([list, rest]) => concat([...list, rest])),
)

describe('a wire', { timeout: 30_000 }, () => {
  it('captures and passes any packets exactly, in any segments, whatever breakpoints and delays are in force', () => {
    const rules = fc.array(fc.constantFrom('latency', 'jitter', 'delay', 'slice', 'bandwidth'), { maxLength: 3 })
    fc.assert(
      fc.property(valid, valid, rules, fc.boolean(), (toBroker, toClient, faults, slow) => {
        const bench = new TestWire()
        for (const fault of faults) bench.wire.addRule(newRule(fault, { settings: few(fault, 7, '') }))
        bench.wire.addBreakpoint('type:publish qos=2')
        if (slow) bench.wire.speed(0.5)
        const link = bench.open()
        for (let i = 0; i < Math.max(toBroker.pieces.length, toClient.pieces.length); i++) {
          link.client.write(toBroker.pieces[i] ?? new Uint8Array(0))
          link.broker.write(toClient.pieces[i] ?? new Uint8Array(0))
          if (i % 3 === 0) bench.clock.advance(5)
        }
        settle(bench)
        for (const [direction, { list }] of [
          ['to broker', toBroker],
          ['to client', toClient],
        ] as const) {
          const whole = bench.tap.packets.filter((packet) => packet.direction === direction)
          expect(whole.map(({ octets }) => Buffer.from(octets))).toEqual(list.map((octets) => Buffer.from(octets)))
          expect(arrived(link, direction)).toEqual(Buffer.concat(list))
        }
      }),
    )
  })

  it('passes any noise unchanged, whatever faults with probability 0 are in force, and says nothing', () => {
    const stream = noise.chain(segmented)
    fc.assert(
      fc.property(stream, stream, fc.array(anyRule, { minLength: 1, maxLength: 4 }), (toBroker, toClient, rules) => {
        const bench = new TestWire()
        for (const rule of rules) bench.wire.addRule({ ...rule, probability: 0, clients: '*', untilMs: 0 })
        const link = bench.open()
        for (const piece of toBroker) link.client.write(piece)
        for (const piece of toClient) link.broker.write(piece)
        link.client.end()
        link.broker.end()
        expect(link.atBroker.heard).toEqual(Buffer.concat(toBroker))
        expect(link.atClient.heard).toEqual(Buffer.concat(toClient))
        expect(bench.tap.events.map(({ type }) => type)).toEqual(['opened', 'closed'])
        expect(bench.wire.state().rules.every(({ hits }) => hits === 0)).toBe(true)
      }),
    )
  })

  it('counts what it drops and duplicates exactly', () => {
    const filters = fc.constantFrom('', 'topic:t', 'topic:u')
    const limits = fc.record({
      nth: fc.integer({ min: 1, max: 4 }),
      times: fc.nat(4),
      probability: fc.constantFrom(0.4, 1),
    })
    const topics = fc.array(fc.constantFrom('t', 'u'), { maxLength: 40 })
    fc.assert(
      fc.property(topics, filters, limits, fc.integer({ min: 2, max: 4 }), (sent, filter, limit, copies) => {
        const bench = new TestWire()
        bench.wire.addRule(newRule('drop', { ...limit, filter, name: 'drop' }))
        bench.wire.addRule(newRule('duplicate', { filter, settings: { copies }, name: 'duplicate' }))
        const link = bench.open()
        for (const [i, topic] of sent.entries()) link.client.write(publishPacket(topic, `${i}`.padStart(3, '0')))
        const [drop, duplicate] = bench.wire.state().rules
        const matching = sent.filter((topic) => filter === '' || filter.endsWith(topic)).length
        const dropped = bench.fates.filter(({ type }) => type === 'packet dropped').length
        const doubled = bench.fates.filter(({ type }) => type === 'packet sent').length
        expect([drop?.hits, duplicate?.hits]).toEqual([dropped, doubled])
        expect(doubled).toBe(matching - dropped)
        expect(link.atBroker.heard).toHaveLength((sent.length - dropped + (copies - 1) * doubled) * 8)
      }),
    )
  })

  it('does the same to the same packets with the same seed', () => {
    const script = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 30 })
    fc.assert(
      fc.property(script, fc.array(anyRule, { minLength: 1, maxLength: 4 }), fc.nat(), (steps, rules, seed) => {
        const run = () => {
          const bench = new TestWire({ seed })
          for (const rule of rules) bench.wire.addRule(rule)
          const link = bench.connect('pump-01')
          for (const [client, size] of steps) {
            const end = client ? link.client : link.broker
            end.write(publishPacket('t', 'x'.repeat(size)))
            bench.clock.advance(size)
          }
          bench.clock.advance(100_000)
          return [link.atBroker.heard, link.atClient.heard, bench.tap.events]
        }
        expect(run()).toEqual(run())
      }),
    )
  })
})
