import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNatural } from '../../../../../main/broker/topics/natural-order.ts'

const names = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '0', '1', '2', '9', '-', '$', 'é'), maxLength: 6 }))

describe('the order of topic levels', () => {
  it('counts numbers in names as numbers, and puts $ last', () => {
    const sorted = ['$SYS', 'pump-10', 'pump-2', 'pump-02', 'pump', '7', ''].sort(compareNatural)
    expect(sorted).toEqual(['', '7', 'pump', 'pump-02', 'pump-2', 'pump-10', '$SYS'])
  })

  it('does not lose numbers that are longer than a number can be', () => {
    const long = '9'.repeat(30)
    expect(compareNatural(`a${long}8`, `a${long}9`)).toBeLessThan(0)
  })

  it('is the same order whatever it begins with, and only equal names are equal', () => {
    fc.assert(
      fc.property(names, (list) => {
        const sorted = [...list].sort(compareNatural)
        expect([...list].reverse().sort(compareNatural)).toEqual(sorted)
        for (const a of list) for (const b of list) expect(compareNatural(a, b) === 0).toBe(a === b)
      }),
    )
  })
})
