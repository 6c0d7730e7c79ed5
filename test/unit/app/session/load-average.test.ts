import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoadAverage } from '../../../../app/session/load-average.ts'

describe('a load average', () => {
  it('is what Mosquitto computes: interval + e^(-t/span) · (before - interval)', () => {
    const average = new LoadAverage(1)
    average.add(20, 10)
    expect(average.value).toBeCloseTo(120 * (1 - Math.exp(-1 / 6)), 10)
    const before = average.value
    average.add(0, 30)
    expect(average.value).toBeCloseTo(before * Math.exp(-0.5), 10)
  })

  it('comes to the rate when the rate stays', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 5, 15),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 60 }),
        (minutes, events, seconds) => {
          const average = new LoadAverage(minutes)
          for (let passed = 0; passed < minutes * 60 * 20; passed += seconds) average.add(events, seconds)
          expect(average.value).toBeCloseTo((events * 60) / seconds, 1)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('does not depend on how often it is asked, for the same rate', () => {
    const often = new LoadAverage(5)
    const seldom = new LoadAverage(5)
    for (let n = 0; n < 60; n++) often.add(7, 1)
    seldom.add(420, 60)
    expect(often.value).toBeCloseTo(seldom.value, 8)
  })
})
