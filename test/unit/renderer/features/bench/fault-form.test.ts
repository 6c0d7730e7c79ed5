import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOffTime, readSkew } from '../../../../../renderer/features/bench/fault-form.ts'

describe('the time that a reboot takes', () => {
  it.each([
    ['', 0],
    [' 5s ', 5000],
    ['2 m', 120_000],
    ['250ms', 250],
  ])('is read from %j', (text, value) => expect(readOffTime(text)).toEqual({ value }))

  it.each(['-5s', 'soon', '5', '2d'])('is not %j', (text) => expect(readOffTime(text)).toHaveProperty('problem'))
})

describe('what a clock is set wrong by', () => {
  it.each([
    ['2m', 120_000],
    ['+ 1h', 3_600_000],
    ['-90s', -90_000],
    ['- 1d', -86_400_000],
  ])('is read from %j', (text, value) => expect(readSkew(text)).toEqual({ value }))

  it.each(['', '0s', '--1s', 'later', '40000d'])('is not %j', (text) =>
    expect(readSkew(text)).toHaveProperty('problem'),
  )

  it('is the same ahead and behind', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('ms', 's', 'm', 'h'), (amount, unit) => {
        const ahead = readSkew(`${amount}${unit}`)
        const behind = readSkew(`-${amount}${unit}`)
        if (!('value' in ahead && 'value' in behind)) throw new Error('it was not read')
        expect(ahead.value).toBeGreaterThan(0)
        expect(behind.value).toBe(-ahead.value)
      }),
    )
  })
})
