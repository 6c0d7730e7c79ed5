import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRule } from '../../../../app/contract/wire.ts'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const a = publishPacket('t', 'a')
const b = publishPacket('t', 'b')
const c = publishPacket('t', 'c')
const e = publishPacket('t', 'e')

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

  it('count what they have done, not what they have looked at', () => {
    add('loss', { settings: { rate: 0 }, times: 1 })
    pump.client.write(a)
    pump.client.write(b)
    expect(bench.wire.state().rules).toMatchObject([{ matched: 2, hits: 0, done: false }])
  })

  it('can be added while a packet is being captured, and act from the next one on', () => {
    const capture = bench.tap.packet.bind(bench.tap)
    bench.tap.packet = (...packet) => {
      const number = capture(...packet)
      if (number === 4) add('duplicate')
      return number
    }
    pump.client.write(Buffer.concat([a, b, c]))
    expect(heardLetters()).toBe('abbcc')
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

  it('is about one connection alone, whatever the client is called', () => {
    const other = bench.connect('pump-01')
    add('drop', { connection: other.connection, name: '' })
    pump.client.write(a)
    other.client.write(a)
    expect(heard(pump)).toEqual(Buffer.from(a))
    expect(heard(other)).toHaveLength(0)
    expect(bench.wire.state().rules[0]?.name).toContain(`on connection ${other.connection}`)
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
