import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBefore, kindOf, logValue } from '../../../../../main/broker/stores/shared-store.ts'

describe('places in the log', () => {
  it('are ordered by their time and then by their number, not as text', () => {
    const place = fc.tuple(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 0, max: 20 }))
    fc.assert(
      fc.property(place, place, ([aTime, aNumber], [bTime, bNumber]) => {
        const expected = aTime < bTime || (aTime === bTime && aNumber < bNumber)
        expect(isBefore(`${aTime}-${aNumber}`, `${bTime}-${bNumber}`)).toBe(expected)
      }),
    )
    expect(isBefore('5-9', '5-10')).toBe(true)
    expect(isBefore('5-10', '5-10')).toBe(false)
    expect(isBefore('0-0', '1700000000000-0')).toBe(true)
  })
})

describe('values of the log', () => {
  it.each(['message', 'word'] as const)('say that they are a %s', (kind) => {
    const value = logValue(kind, Buffer.from('x'))
    expect(kindOf(value)).toBe(kind)
    expect(value.subarray(1)).toEqual(new Uint8Array(Buffer.from('x')))
  })
})
