import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration } from '../../../../app/device/duration-words.ts'
import { milliseconds } from '../../../../app/script-api/duration.ts'

describe('a duration in words', () => {
  it.each([
    [0, '0 ms'],
    [250, '250 ms'],
    [1500, '1.5 s'],
    [60_000, '1 min'],
    [5_400_000, '1 h 30 min'],
    [90_061_001, '1 d 1 h 1 min 1.001 s'],
  ])('of %d ms is %s', (ms, words) => expect(formatDuration(ms)).toBe(words))

  it('leaves nothing out', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000_000), (ms) => {
        const parts = formatDuration(ms).split(/(?<=[a-z]) /)
        const sum = parts.reduce((total, part) => total + part0(part), 0)
        expect(Math.round(sum)).toBe(ms)
      }),
    )
  })
})

/** The scripts' own way to read one amount and its unit. */
function part0(part: string): number {
  const [amount = '', unit = ''] = part.split(' ')
  const factor = { d: 24, h: 1, min: 1, s: 1, ms: 1 }[unit] ?? Number.NaN
  const scripts = { d: 'h', h: 'h', min: 'm', s: 's', ms: 'ms' }[unit] ?? ''
  return milliseconds(`${amount}${scripts}`, 'it') * factor
}
