import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closest } from '../../../../app/base/closest.ts'

describe('the word that was probably meant', () => {
  const known = ['script', 'count', 'target', 'stagger', 'ramp', 'connected', 'disconnected']

  it.each([
    ['cuont', 'count'],
    ['Count', 'count'],
    ['counts', 'count'],
    ['scipt', 'script'],
    ['rmap', 'ramp'],
    ['conected', 'connected'],
    ['disconected', 'disconnected'],
  ])('behind %s is %s', (word, meant) => {
    expect(closest(word, known)).toBe(meant)
  })

  it.each(['colour', 'x', '', 'qos', 'count'.repeat(20)])('is none of them behind %j', (word) => {
    expect(closest(word, known)).toBeUndefined()
  })

  it('is the word itself where it is known, and the nearest otherwise', () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), (word, at) => {
        expect(closest(word, known)).toBe(word)
        const without = word.slice(0, at % word.length) + word.slice((at % word.length) + 1)
        expect(closest(without, known)).toBe(word)
      }),
    )
  })
})
