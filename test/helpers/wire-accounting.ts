import fc from 'fast-check'
import { expect } from 'vitest'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import type { NewRule } from '../../app/contract/wire.ts'
import { faultNames } from '../../app/faults/faults.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import { newRule, type TestLink, type TestWire } from './test-wire.ts'

/** A rule with settings that do something within a test. */
export const anyRule: fc.Arbitrary<NewRule> = fc
  .record({
    fault: fc.constantFrom(...faultNames),
    ms: fc.integer({ min: 1, max: 300 }),
    from: fc.constantFrom('any', 'client', 'broker'),
    filter: fc.constantFrom('', 'type:publish', 'not type:pingreq', 'bytes>40'),
    clients: fc.constantFrom('*', 'pump-*', 'pump-01', 'meter'),
    nth: fc.integer({ min: 1, max: 3 }),
    times: fc.integer({ min: 0, max: 3 }),
    probability: fc.constantFrom(0.3, 1),
    untilMs: fc.constantFrom(0, 500),
    how: fc.constantFrom('rst', 'fin'),
  })
  .map(({ fault, ms, how, ...fields }) =>
    newRule(fault, { ...fields, name: `${fault} rule`, settings: few(fault, ms, how) }),
  )

export function few(fault: string, ms: number, how: string): NewRule['settings'] {
  const settings: Record<string, NewRule['settings']> = {
    latency: { ms },
    jitter: { ms },
    delay: { ms },
    bandwidth: { rate: ms * 10 },
    loss: { rate: 0.5 },
    reorder: { packets: 1 + (ms % 3), ms },
    truncate: { octets: 1 + (ms % 20) },
    slice: { min: 1, max: 9, gapMs: 1 + (ms % 4) },
    cut: { how, when: ms % 2 ? 'before' : 'after' },
    refuse: { how },
  }
  return settings[fault] ?? {}
}

/** Lets all that waits go on, and time pass until nothing is under way any more. */
export function settle(bench: TestWire): void {
  bench.wire.dispose()
  for (let i = 0; i < 50 && bench.clock.waiting > 0; i++) bench.clock.advance(10_000)
  expect(bench.clock.waiting).toBe(0)
}

export function arrived(link: TestLink, direction: Direction): Buffer {
  return direction === 'to broker' ? link.atBroker.heard : link.atClient.heard
}

/** A record of a packet with all of its octets, also where the capture has kept a part. */
interface Whole extends CapturedPacket {
  readonly whole: Buffer
}

export function captured(bench: TestWire, link: TestLink, direction: Direction, sent: Buffer): Whole[] {
  let at = 0
  return bench.tap.packets
    .filter((packet) => packet.connection === link.connection && packet.direction === direction)
    .map((packet) => {
      const whole = sent.subarray(at, at + packet.length)
      expect(whole.subarray(0, packet.octets.length).equals(packet.octets)).toBe(true)
      at += packet.length
      return { ...packet, whole }
    })
}

/** What the fates say has gone on, packet by packet; undefined for what was dropped. */
export function gone(bench: TestWire, list: readonly Whole[]): (Buffer | undefined)[] {
  return list.map(({ number, whole }) => {
    const endings = bench.fates.filter((fate) => fate.packet === number && fate.type !== 'packet held')
    expect(endings.length).toBeLessThanOrEqual(1)
    const [fate] = endings
    expect(fate?.by).not.toBe('')
    if (fate === undefined) return whole
    if (fate.type !== 'packet sent') return undefined
    // What was overtaken within one turn was not delayed, as far as a clock can tell that stands still.
    const overtaken = fate.by.includes('reorder')
    const something = fate.delay > 0 || fate.copies > 1 || fate.octets !== undefined || overtaken
    expect(something || wasHeld(bench, number)).toBe(true)
    const octets = fate.octets === undefined ? whole : Buffer.from(fate.octets, 'hex')
    return Buffer.concat(new Array(fate.copies).fill(octets))
  })
}

function wasHeld(bench: TestWire, number: number): boolean {
  return bench.fates.some((fate) => fate.packet === number && fate.type === 'packet held')
}
