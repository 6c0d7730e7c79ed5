import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CapturedPacket } from '../../../../app/capture/captured.ts'
import type { NewRule, WireState } from '../../../../app/contract/wire.ts'
import { faultNames } from '../../../../app/faults/faults.ts'
import type { Direction, NetworkConnection } from '../../../../app/mqtt/network-connection.ts'
import { anyPacket, concat, segmented } from '../../../helpers/packets.ts'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const directions: readonly Direction[] = ['to broker', 'to client']

const packets = fc.array(anyPacket, { maxLength: 8 }).map((list) => list.map(({ octets }) => octets))
const valid = packets.chain((list) => segmented(concat(list)).map((pieces) => ({ list, pieces })))
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(packets, fc.uint8Array({ maxLength: 60 })).map(([list, rest]) => concat([...list, rest])),
)

/** A rule with settings that do something within a test. */
const anyRule: fc.Arbitrary<NewRule> = fc
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

function few(fault: string, ms: number, how: string): NewRule['settings'] {
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
function settle(bench: TestWire): void {
  bench.wire.dispose()
  for (let i = 0; i < 50 && bench.clock.waiting > 0; i++) bench.clock.advance(10_000)
  expect(bench.clock.waiting).toBe(0)
}

function arrived(link: TestLink, direction: Direction): Buffer {
  return direction === 'to broker' ? link.atBroker.heard : link.atClient.heard
}

/** A record of a packet with all of its octets, also where the capture has kept a part. */
interface Whole extends CapturedPacket {
  readonly whole: Buffer
}

function captured(bench: TestWire, link: TestLink, direction: Direction, sent: Buffer): Whole[] {
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
function gone(bench: TestWire, list: readonly Whole[]): (Buffer | undefined)[] {
  return list.map(({ number, whole }) => {
    const endings = bench.fates.filter((fate) => fate.packet === number && fate.type !== 'packet held')
    expect(endings.length).toBeLessThanOrEqual(1)
    const [fate] = endings
    expect(fate?.by).not.toBe('')
    if (fate === undefined) return whole
    if (fate.type !== 'packet sent') return undefined
    expect(fate.delay > 0 || fate.copies > 1 || fate.octets !== undefined || wasHeld(bench, number)).toBe(true)
    const octets = fate.octets === undefined ? whole : Buffer.from(fate.octets, 'hex')
    return Buffer.concat(new Array(fate.copies).fill(octets))
  })
}

function wasHeld(bench: TestWire, number: number): boolean {
  return bench.fates.some((fate) => fate.packet === number && fate.type === 'packet held')
}

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

type Step =
  | { readonly do: 'send'; readonly direction: Direction; readonly sizes: readonly number[]; readonly cut: number }
  | { readonly do: 'rule'; readonly rule: NewRule }
  | { readonly do: 'breakpoint'; readonly filter: string }
  | { readonly do: 'hold'; readonly on: boolean }
  | { readonly do: 'speed'; readonly speed: number }
  | {
      readonly do: 'decide'
      readonly which: number
      readonly action: 'deliver' | 'drop' | 'twice'
      readonly other: boolean
    }
  | { readonly do: 'toggle'; readonly which: number; readonly enabled: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'pause'; readonly direction: Direction; readonly on: boolean }
  | { readonly do: 'close'; readonly end: 'client' | 'broker'; readonly how: 'end' | 'reset' }
  | { readonly do: 'next' | 'letGo' | 'unrule' | 'unbreak' | 'heal' | 'cut' }

const direction = fc.constantFrom(...directions)
const sends = fc.record({
  do: fc.constant('send' as const),
  direction,
  sizes: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 4 }),
  cut: fc.nat(300),
})
const controls: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('rule' as const), rule: anyRule }),
  fc.record({
    do: fc.constant('breakpoint' as const),
    filter: fc.constantFrom('', 'type:publish', 'from:client', 'bytes>60'),
  }),
  fc.record({ do: fc.constant('hold' as const), on: fc.boolean() }),
  fc.record({ do: fc.constant('speed' as const), speed: fc.constantFrom(0.1, 0.5, 1) }),
  fc.record({ do: fc.constant('toggle' as const), which: fc.nat(5), enabled: fc.boolean() }),
  fc.constantFrom<Step>({ do: 'unrule' }, { do: 'unbreak' }, { do: 'heal' }),
)
const decisions: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('decide' as const),
    which: fc.nat(3),
    action: fc.constantFrom('deliver' as const, 'drop' as const, 'twice' as const),
    other: fc.boolean(),
  }),
  fc.constantFrom<Step>({ do: 'next' }, { do: 'letGo' }),
)
const surroundings: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }),
  fc.record({ do: fc.constant('pause' as const), direction, on: fc.boolean() }),
)
const endings: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('close' as const),
    end: fc.constantFrom('client' as const, 'broker' as const),
    how: fc.constantFrom('end' as const, 'reset' as const),
  }),
  fc.constant<Step>({ do: 'cut' }),
)
const script = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: sends },
    { weight: 4, arbitrary: controls },
    { weight: 4, arbitrary: decisions },
    { weight: 3, arbitrary: surroundings },
    { weight: 1, arbitrary: endings },
  ),
  { minLength: 5, maxLength: 50 },
)

/** Does what a script says to one link, and keeps what was sent through it. */
class Run {
  readonly bench: TestWire
  readonly link: TestLink
  readonly client: NetworkConnection
  readonly broker: NetworkConnection
  readonly sent: Record<Direction, Buffer> = { 'to broker': Buffer.alloc(0), 'to client': Buffer.alloc(0) }
  #count = 0

  constructor(steps: readonly Step[], keeps: number) {
    this.bench = new TestWire({ keeps })
    this.link = this.bench.open()
    this.client = this.link.client
    this.broker = this.link.broker
    for (const step of steps) this.#do(step)
    this.client.resume()
    this.broker.resume()
    this.bench.clock.advance(1)
    settle(this.bench)
  }

  #do(step: Step): void {
    const { wire, clock } = this.bench
    // No two steps at the same time, so that whatever waits waits for longer than nothing.
    clock.advance(1)
    switch (step.do) {
      case 'send':
        this.#send(step)
        break
      case 'rule':
        wire.addRule(step.rule)
        break
      case 'breakpoint':
        wire.addBreakpoint(step.filter)
        break
      case 'hold':
        wire.hold(step.on)
        break
      case 'speed':
        wire.speed(step.speed)
        break
      case 'wait':
        clock.advance(step.ms)
        break
      case 'cut':
        wire.cut('*', 'rst')
        break
      case 'heal':
        wire.heal('pump-*')
        break
      case 'pause':
        this[step.direction === 'to broker' ? 'broker' : 'client'][step.on ? 'pause' : 'resume']()
        break
      case 'close':
        // What has arrived for an end that resets is lost there, not on the wire.
        this.client.resume()
        this.broker.resume()
        this[step.end][step.how]()
        break
      default:
        this.#doWithWhatIsThere(step, wire.state())
    }
  }

  #doWithWhatIsThere(step: Step, { rules, breakpoints, held, heldCount, waitingCount }: WireState): void {
    const { wire } = this.bench
    if (step.do === 'unrule' && rules[0]) wire.removeRule(rules[0].id)
    if (step.do === 'unbreak' && breakpoints[0]) wire.removeBreakpoint(breakpoints[0].id)
    if (step.do === 'toggle') {
      const rule = rules[step.which % Math.max(1, rules.length)]
      if (rule) wire.enableRule(rule.id, step.enabled)
    }
    if (step.do === 'decide') {
      const packet = held[step.which % Math.max(1, held.length)]?.packet
      if (packet) wire.decide(packet, step.action, step.other ? Uint8Array.of(0xc0, 0) : undefined)
    }
    if (step.do === 'next') expect(wire.next()).toBe(held[0]?.packet)
    if (step.do === 'letGo') {
      expect(wire.letGo()).toBe(heldCount + waitingCount)
      expect(wire.state()).toMatchObject({ holding: false, heldCount: 0, waitingCount: 0 })
    }
  }

  #send({ direction, sizes, cut }: Extract<Step, { do: 'send' }>): void {
    const [end, log] =
      direction === 'to broker' ? [this.link.client, this.link.atClient] : [this.link.broker, this.link.atBroker]
    if (log.isClosed) return
    const octets = Buffer.concat(sizes.map((size) => publishPacket('t', `${this.#count++}:`.padEnd(size, 'x'))))
    this.sent[direction] = Buffer.concat([this.sent[direction], octets])
    end.write(octets.subarray(0, cut))
    if (!log.isClosed) end.write(octets.subarray(cut))
  }
}

describe('a link through any operations on its wire', { timeout: 30_000 }, () => {
  for (const [what, keeps] of [
    ['', 1 << 20],
    [' and streams what is large', 60],
  ] as const) {
    it(`never loses or reorders a packet that it was not told to${what}`, () => {
      const orderly = script.map((steps) => steps.filter((step) => step.do !== 'rule' || step.rule.fault !== 'reorder'))
      fc.assert(
        fc.property(orderly, (steps) => {
          const { bench, link, sent } = new Run(steps, keeps)
          for (const direction of directions) {
            const list = captured(bench, link, direction, sent[direction])
            const going = gone(bench, list)
            const expected = Buffer.concat(going.filter((octets) => octets !== undefined))
            const heard = arrived(link, direction)
            expect(heard.subarray(0, expected.length).toString('latin1')).toBe(expected.toString('latin1'))
            // A packet that was dropped when a part of it had left is the last that arrives.
            const torn = heard.subarray(expected.length)
            const drops = list.filter((_, i) => going[i] === undefined)
            expect(torn.length === 0 || drops.some(({ whole }) => whole.subarray(0, torn.length).equals(torn))).toBe(
              true,
            )
          }
        }),
      )
    })
  }

  it('delivers every packet as often as its fate says when packets overtake one another', () => {
    const gentle = script.map((steps) =>
      steps.filter(
        (step) =>
          step.do !== 'rule' || ['reorder', 'latency', 'jitter', 'loss', 'drop', 'duplicate'].includes(step.rule.fault),
      ),
    )
    fc.assert(
      fc.property(gentle, (steps) => {
        const { bench, link, sent } = new Run(
          steps.filter((step) => step.do !== 'decide' || !step.other),
          1 << 20,
        )
        for (const direction of directions) {
          const list = captured(bench, link, direction, sent[direction])
          const heard = arrived(link, direction)
          const going = gone(bench, list)
          expect(heard).toHaveLength(going.reduce((sum, octets) => sum + (octets?.length ?? 0), 0))
          for (const [i, octets] of going.entries())
            if (octets) expect(heard.includes(list[i]?.whole as Buffer)).toBe(true)
        }
      }),
    )
  })

  it('tells of the end of the connection once, last, and only then forgets it', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const { bench, link } = new Run([...steps, { do: 'cut' }], 1 << 20)
        link.client.end()
        link.broker.end()
        bench.clock.advance(1000)
        expect(link.link.open).toBe(false)
        expect(bench.tap.records.at(-1)).toMatchObject({ kind: 'event', event: { type: 'closed' } })
        expect(bench.tap.events.filter(({ type }) => type === 'closed')).toHaveLength(1)
        expect(bench.clock.waiting).toBe(0)
      }),
    )
  })
})
