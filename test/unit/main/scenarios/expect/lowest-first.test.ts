import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LowestFirst } from '../../../../../main/scenarios/expect/lowest-first.ts'

it('has the lowest number first, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: 'pop' as const })), (steps) => {
      const numbers = new LowestFirst()
      let naive: number[] = []
      for (const step of steps) {
        if (step === 'pop') {
          numbers.pop()
          naive = naive.slice(1)
        } else {
          numbers.push(step)
          naive = [...naive, step].sort((a, b) => a - b)
        }
        expect([numbers.size, numbers.lowest]).toEqual([naive.length, naive[0] ?? Number.POSITIVE_INFINITY])
      }
    }),
  )
})
