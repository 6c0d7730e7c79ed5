import { describe, expect, it } from 'vitest'
import {
  formatCount,
  formatOctets,
  formatPlural,
  formatRate,
  formatSpan,
  formatWait,
} from '../../../../renderer/ui/format.ts'

describe('format', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [3_100_000, '3.1 MB'],
    [38_000_000, '38.0 MB'],
    [190_400_000, '190 MB'],
    [1_200_000_000, '1.2 GB'],
  ])('writes %i octets as %s', (octets, text) => expect(formatOctets(octets)).toBe(text))

  it.each([
    [-5, '0 s'],
    [4200, '4 s'],
    [59_999, '59 s'],
    [240_000, '4 min'],
    [7_500_000, '2 h 5 min'],
    [7_200_000, '2 h'],
    [300_000_000, '3 d'],
  ])('writes %i ms as %s', (ms, text) => expect(formatSpan(ms)).toBe(text))

  it.each([
    [0, '–'],
    [0.5, '0.5/s'],
    [2, '2/s'],
    [2.25, '2.3/s'],
    [9.97, '10/s'],
    [1180.4, '1,180/s'],
  ])('writes a rate of %d as %s', (rate, text) => expect(formatRate(rate)).toBe(text))

  it.each([
    [3200, '3.2 s'],
    [-1, '0.0 s'],
    [12_400, '12 s'],
  ])('writes a wait of %i ms as %s', (ms, text) => expect(formatWait(ms)).toBe(text))

  it('groups digits, and knows one from many', () => {
    expect(formatCount(48211)).toBe('48,211')
    expect(formatPlural(1, 'record')).toBe('1 record')
    expect(formatPlural(1204, 'record')).toBe('1,204 records')
  })
})
