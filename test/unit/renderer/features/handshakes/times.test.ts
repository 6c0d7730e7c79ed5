import { describe, expect, it } from 'vitest'
import { formatLength, formatSince, formatTimeOfDay } from '../../../../../renderer/features/handshakes/times.ts'

describe('times of a ladder', () => {
  it('are in milliseconds, as fine as they are short', () => {
    const times = [0, 80_000, 1.2e6, 12.34e6, 99.96e6, 5012e6, 1_234_567e6]
    expect(times.map(formatSince).map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
      '0.0 ms',
      '0.08 ms',
      '1.2 ms',
      '12.3 ms',
      '100 ms',
      '5 012 ms',
      '1 234 567 ms',
    ])
  })

  it('of a length take the unit that suits', () => {
    const lengths = [84_000, 2.1e6, 412e6, 999.6e6, 5e9, 59.96e9, 200e9, 3900e9]
    expect(lengths.map(formatLength)).toEqual([
      '84 µs',
      '2.1 ms',
      '412 ms',
      '1.0 s',
      '5.0 s',
      '1 min 0 s',
      '3 min 20 s',
      '1 h 5 min',
    ])
  })

  it('of the day have milliseconds', () => {
    expect(formatTimeOfDay(new Date(2026, 0, 2, 4, 5, 6, 7).getTime())).toBe('04:05:06.007')
  })
})
