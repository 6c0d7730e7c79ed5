import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptSeconds, RateBook, rateSeconds } from '../../../../../main/broker/topics/rate-book.ts'

describe('a rate', () => {
  it('is what came in the last five whole seconds', () => {
    const book = new RateBook()
    for (let second = 100; second < 110; second++) for (let n = 0; n < 3; n++) book.add(0, second)
    expect(book.rate(0, 110)).toBe(3)
    expect(book.rate(0, 112)).toBeCloseTo(9 / 5)
    expect(book.rate(0, 115)).toBe(0)
    expect(book.rate(7, 110)).toBe(0)
  })

  it('is that of fewer seconds where the counting has only begun', () => {
    const book = new RateBook()
    for (let n = 0; n < 8; n++) book.add(0, 1)
    expect(book.rate(0, 2)).toBe(4)
  })

  it('counts as somebody would who remembers everything', () => {
    const adds = fc.array(fc.tuple(fc.nat(3000), fc.nat(80)), { maxLength: 60 })
    fc.assert(
      fc.property(adds, fc.nat(40), (list, later) => {
        const book = new RateBook()
        const sorted = [...list].sort((a, b) => a[1] - b[1])
        for (const [slot, second] of sorted) book.add(slot, second)
        const now = (sorted.at(-1)?.[1] ?? 0) + later
        for (const [slot] of sorted) {
          const at = (second: number) => sorted.filter((add) => add[0] === slot && add[1] === second).length
          const history = Array.from({ length: keptSeconds - 1 }, (_, i) => at(now - keptSeconds + 1 + i))
          expect(book.history(slot, now)).toEqual(history)
          const sum = history.slice(-rateSeconds).reduce((all, count) => all + count, 0)
          expect(book.rate(slot, now)).toBeCloseTo(sum / Math.max(1, Math.min(rateSeconds, now)))
        }
      }),
    )
  })
})
