import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { MessageMatch } from '../../../../../app/scenario/match-message.ts'
import { ArrivalLog, type Source } from '../../../../../main/scenarios/expect/arrivals.ts'
import { Tally } from '../../../../../main/scenarios/expect/tally.ts'

const fixed = { qos: 0, retain: false, dup: false } as const

/** A pattern for messages whose payload is one of these letters. */
function oneOf(letters: string): MessageMatch {
  return new MessageMatch({ payload: { is: 'expression', source: `^[${letters}]$`, flags: '' } })
}

function sourceOf(payloads: readonly string[], taken: readonly number[] = []): Source {
  const log = new ArrivalLog(0)
  for (const payload of payloads) log.add({ topic: 't', payload: Buffer.from(payload), ...fixed }, 0)
  return { log, from: 0, belongs: () => true, taken: new Set(taken) }
}

/** How many of the slots can have a message of their own, by trying everything. */
function mostMatched(slots: readonly string[], payloads: readonly string[]): number {
  const [slot, ...others] = slots
  if (slot === undefined) return 0
  const left = mostMatched(others, payloads)
  return payloads.reduce((most, payload, i) => {
    if (!slot.includes(payload)) return most
    return Math.max(most, 1 + mostMatched(others, payloads.toSpliced(i, 1)))
  }, left)
}

/** What each slot has got, by asking every message that is in the way: the rule, written down without regard to its cost. */
function naivelyFound(patterns: readonly string[], payloads: readonly string[], times: number) {
  const found = patterns.map((): number[] => [])
  const fitsOf = (number: number) => patterns.flatMap((set, i) => (set.includes(payloads[number] ?? '-') ? [i] : []))
  const place = (number: number, tried: Set<number>): boolean =>
    fitsOf(number).some((pattern) => {
      const its = found[pattern]
      if (its === undefined || tried.has(pattern)) return false
      tried.add(pattern)
      if (its.length < times) return its.push(number) > 0
      const at = its.findIndex((other) => place(other, tried))
      if (at >= 0) its[at] = number
      return at >= 0
    })
  for (const number of payloads.keys()) if (found.some(({ length }) => length < times)) place(number, new Set())
  return found
}

const letters = fc.constantFrom('a', 'b', 'c', 'd')
const patterns = fc.array(fc.subarray(['a', 'b', 'c'], { minLength: 1 }), { minLength: 1, maxLength: 3 })

describe('a tally', () => {
  it('finds messages for as many patterns as is possible', () => {
    const times = fc.constantFrom(1, 2)
    fc.assert(
      fc.property(patterns, fc.array(letters, { maxLength: 6 }), times, (wanted, payloads, each) => {
        const tally = new Tally(
          sourceOf(payloads),
          wanted.map((set) => oneOf(set.join(''))),
          each,
          false,
        )
        tally.update()
        const slots = wanted.flatMap((set) => Array<string>(each).fill(set.join('')))
        const most = mostMatched(slots, payloads)
        expect(tally.matched).toHaveLength(most)
        expect(new Set(tally.matched).size).toBe(most)
        expect(tally.isComplete).toBe(most === slots.length)
        const fitting = payloads.filter((payload) => slots.some((slot) => slot.includes(payload)))
        expect(tally.fitting).toHaveLength(fitting.length)
        expect(tally.isExceeded).toBe(fitting.length > most)
      }),
    )
  })

  it('finds them as it would if it asked every message that is in the way', () => {
    const sets = fc.array(fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }), { minLength: 1, maxLength: 5 })
    const payloads = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 25 })
    fc.assert(
      fc.property(sets, payloads, fc.integer({ min: 1, max: 4 }), (wanted, all, times) => {
        const slots = wanted.map((set) => set.join(''))
        const tally = new Tally(sourceOf(all), slots.map(oneOf), times, false)
        tally.update()
        const found = naivelyFound(slots, all, times)
        expect(tally.matched).toEqual(found.flat().sort((a, b) => a - b))
        const missing = found.findIndex(({ length }) => length < times)
        expect(tally.missing).toBe(missing < 0 ? undefined : missing)
      }),
      { numRuns: 1000 },
    )
  })

  it('looks at each message once, however many of one kind are too many', () => {
    const source = sourceOf(Array.from({ length: 600 }, () => 'a'))
    const asked = vi.spyOn(MessageMatch.prototype, 'fits')
    const tally = new Tally(source, [oneOf('ab'), oneOf('b')], 300, false)
    tally.update()
    const { length } = asked.mock.calls
    asked.mockRestore()
    expect(length).toBe(2 * 600)
    expect([tally.matched.length, tally.missing]).toEqual([300, 1])
  })

  it('finds patterns in their order where there is one', () => {
    fc.assert(
      fc.property(patterns, fc.array(letters, { maxLength: 8 }), (wanted, payloads) => {
        const tally = new Tally(
          sourceOf(payloads),
          wanted.map((set) => oneOf(set.join(''))),
          1,
          true,
        )
        tally.update()
        let next = 0
        for (const payload of payloads) if (wanted[next]?.some((letter) => letter === payload) === true) next += 1
        expect(tally.isComplete).toBe(next === wanted.length)
        expect(tally.missing).toBe(tally.isComplete ? undefined : next)
      }),
    )
  })

  it('counts nothing that is taken, and begins anew when more is taken', () => {
    const source = sourceOf(['a', 'a', 'b'], [0])
    const tally = new Tally(source, [oneOf('a')], 1, false)
    tally.update()
    expect(tally.matched).toEqual([1])
    source.taken.add(1)
    tally.update()
    expect(tally.matched).toEqual([])
    expect(tally.missing).toBe(0)
  })
})

describe('what has arrived', () => {
  it('is kept up to a bound, and the numbers go on', () => {
    const log = new ArrivalLog(0)
    const payload = new Uint8Array(1024 * 1024)
    for (let i = 0; i < 70; i++) log.add({ topic: String(i), payload, ...fixed }, i)
    expect([log.oldest, log.next]).toEqual([6, 70])
    expect(log.at(5)).toBeUndefined()
    expect(log.at(6)?.message.topic).toBe('6')
    expect(log.at(69)?.message.topic).toBe('69')
    expect(log.at(70)).toBeUndefined()
    const small = new ArrivalLog(0)
    for (let i = 0; i < 103_000; i++) small.add({ topic: String(i), payload: new Uint8Array(), ...fixed }, i)
    expect([small.oldest, small.next]).toEqual([3000, 103_000])
    expect(small.at(3000)?.message.topic).toBe('3000')
    expect(small.at(102_999)?.message.topic).toBe('102999')
  })

  it('knows how many messages had been forgotten before it could look at them', () => {
    const source = sourceOf([])
    const add = (payload: string) => source.log.add({ topic: 't', payload: Buffer.from(payload), ...fixed }, 0)
    const tally = new Tally(source, [oneOf('a')], 1, false)
    add('a')
    tally.update()
    for (let n = 0; n < 100_000; n++) add('b')
    tally.update()
    // What was looked at may be forgotten.
    expect([source.log.oldest, tally.unseen, tally.isComplete]).toEqual([1, 0, true])
    for (let n = 0; n < 100_005; n++) add('b')
    tally.update()
    expect(tally.unseen).toBe(5)
    const late = new Tally(source, [oneOf('a')], 1, false)
    late.update()
    expect([late.unseen, late.isComplete]).toEqual([100_006, false])
  })
})
