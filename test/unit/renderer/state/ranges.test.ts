import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Range, subtract, unite } from '../../../../renderer/state/ranges.ts'

const range = fc.tuple(fc.nat(60), fc.nat(12)).map(([from, length]): Range => ({ from, to: from + length }))

function numbersOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
}

describe('ranges of records', () => {
  it('are united into as few as can be, ascending', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (all) => {
        const united = all.reduce<Range[]>(unite, [])
        expect(numbersOf(united)).toEqual([...new Set(numbersOf(all))].sort((a, b) => a - b))
        united.slice(1).forEach(({ from }, i) => {
          expect(from).toBeGreaterThan((united[i]?.to ?? from) + 1)
        })
      }),
    )
  })

  it('are what is left without another', () => {
    fc.assert(
      fc.property(range, range, (one, other) => {
        const taken = new Set(numbersOf([other]))
        expect(numbersOf(subtract(one, other))).toEqual(numbersOf([one]).filter((number) => !taken.has(number)))
      }),
    )
  })
})
