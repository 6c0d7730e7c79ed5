import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../../../app/base/random.ts'
import { RuleCounter, type RuleLimits } from '../../../../app/faults/rule-counter.ts'

const always: RuleLimits = { nth: 1, times: 0, probability: 1, fromMs: 0, untilMs: 0 }

function rule(limits: Partial<RuleLimits>, enabledAt?: number): RuleCounter {
  return new RuleCounter({ ...always, ...limits }, enabledAt)
}

/** On which of so many matches, one a millisecond from 0 on, it acts. */
function acts(counter: RuleCounter, matches: number, random: Random = createRandom(1)): number[] {
  return Array.from({ length: matches }, (_, at) => at).filter((at) => counter.offer(at, random))
}

const matches = fc.integer({ min: 0, max: 300 })

describe('RuleCounter', () => {
  it('acts on every match when nothing else is said', () => {
    expect(acts(rule({}), 4)).toEqual([0, 1, 2, 3])
  })

  it('acts exactly as often as it is to, from the nth match on', () => {
    fc.assert(
      fc.property(matches, fc.integer({ min: 1, max: 50 }), fc.nat(50), (matches, nth, times) => {
        const counter = rule({ nth, times })
        const expected = Array.from({ length: matches }, (_, at) => at).slice(nth - 1)
        const hits = times === 0 ? expected : expected.slice(0, times)
        expect(acts(counter, matches)).toEqual(hits)
        expect(counter.progress(matches).hits).toBe(hits.length)
        expect(counter.done).toBe(times > 0 && hits.length === times)
      }),
    )
  })

  it('never acts with probability 0, on whatever match', () => {
    fc.assert(
      fc.property(fc.integer(), matches, (seed, matches) => {
        const counter = rule({ probability: 0, times: 1 })
        expect(acts(counter, matches, createRandom(seed))).toEqual([])
        expect(counter.progress(matches)).toEqual({ matched: matches, hits: 0, done: false })
      }),
    )
  })

  it('acts on every match with probability 1, whatever is drawn', () => {
    const highest = { next: () => 1 - 2 ** -32, integer: () => 0, normal: () => 0 }
    expect(acts(rule({ probability: 1 }), 3, highest)).toEqual([0, 1, 2])
    const lowest = { ...highest, next: () => 0 }
    expect(acts(rule({ probability: 0 }), 3, lowest)).toEqual([])
  })

  it('acts on about the share of matches that its probability says', () => {
    expect(acts(rule({ probability: 0.25 }), 10_000).length / 10_000).toBeCloseTo(0.25, 1)
  })

  it('decides the same with the same seed, and otherwise with another', () => {
    const decisions = (seed: number) => acts(rule({ probability: 0.5 }), 200, createRandom(seed))
    expect(decisions(42)).toEqual(decisions(42))
    expect(decisions(42)).not.toEqual(decisions(43))
  })

  it('draws one number for each match from the nth on, whatever the probability', () => {
    const next = (probability: number) => {
      const random = createRandom('draws')
      acts(rule({ nth: 3, probability }), 10, random)
      return random.next()
    }
    const ninth = createRandom('draws')
    for (let i = 0; i < 8; i++) ninth.next()
    const expected = ninth.next()
    expect([0, 0.5, 1].map(next)).toEqual([expected, expected, expected])
  })

  it('acts and counts inside its window only, in milliseconds since it was enabled', () => {
    const counter = rule({ fromMs: 10, untilMs: 20, nth: 2 }, 1000)
    const random = createRandom(1)
    expect([1009, 1010, 1011, 1019, 1020].map((now) => counter.offer(now, random))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    expect(counter.progress(1020)).toEqual({ matched: 3, hits: 2, done: true })
  })

  it('is done when its window has closed, also when nothing came', () => {
    const counter = rule({ untilMs: 20 })
    expect(counter.progress(19).done).toBe(false)
    expect(counter.progress(20).done).toBe(true)
    expect(counter.done).toBe(true)
  })

  it('does not count what came to nothing', () => {
    const counter = rule({ times: 1 })
    const random = createRandom(1)
    expect(counter.offer(0, random)).toBe(true)
    counter.takeBack()
    expect(counter.progress(0)).toEqual({ matched: 1, hits: 0, done: false })
    expect(counter.offer(1, random)).toBe(true)
    expect(counter.done).toBe(true)
  })
})
