import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../../../app/script-api/duration.ts'

describe('a duration', () => {
  it.each([
    [0, 0],
    [1500, 1500],
    [0.5, 0.5],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ])('%j is %d ms', (duration, ms) => {
    expect(milliseconds(duration, 'it')).toBe(ms)
  })

  it('of any number and unit is read as it is written', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...Object.entries(units)), (n, [unit, factor]) => {
        expect(milliseconds(`${n}${unit}`, 'it')).toBe(n * factor)
      }),
    )
  })

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '1',
    's',
    '-1s',
    '1 s',
    '1s ',
    '1S',
    '1e3ms',
    '1.s',
    null,
    {},
  ])('%j is refused, with examples of what is not', (duration) => {
    expect(() => milliseconds(duration, 'the pause', 'client.pause')).toThrowError(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/^the pause must be a length of time, not .*'250ms'/),
        details: { option: 'client.pause' },
      }),
    )
  })
})
