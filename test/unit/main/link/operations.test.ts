import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewRule, WireState } from '../../../../app/contract/wire.ts'
import type { Direction, NetworkConnection } from '../../../../app/mqtt/network-connection.ts'
import { publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'
import { anyRule, arrived, captured, gone, settle } from '../../../helpers/wire-accounting.ts'

const directions: readonly Direction[] = ['to broker', 'to client']

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
      const all = heldCount + waitingCount
      const went = wire.letGo()
      // A cut on the way drops what waits in the other direction.
      if (rules.some(({ fault }) => fault === 'cut')) expect(went).toBeLessThanOrEqual(all)
      else expect(went).toBe(all)
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
