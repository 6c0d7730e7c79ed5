import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../../../app/device/latency-histogram.ts'

const latency = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }))

describe('LatencyHistogram', () => {
  it('gives each percentile at most 1/32, and a microsecond, too high, and never too low', () => {
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 100 }),
        (values, p) => {
          const histogram = new LatencyHistogram()
          for (const value of values) histogram.add(value)
          const sorted = values.map((value) => Math.round(value * 1000)).sort((a, b) => a - b)
          const exact = sorted[Math.ceil((values.length * p) / 100) - 1] as number
          const found = (histogram.percentile(p) as number) * 1000
          expect(found).toBeGreaterThanOrEqual(exact - 1e-6 * exact)
          expect(found).toBeLessThanOrEqual(exact + exact / 32 + 1)
        },
      ),
    )
  })

  it('is the same whether values are added to one or to several that are merged, also by cells', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 60 }), fc.array(latency, { maxLength: 60 }), (a, b) => {
        const [one, left, right] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
        for (const value of [...a, ...b]) one.add(value)
        for (const value of a) left.add(value)
        for (const value of b) right.add(value)
        left.merge(right)
        expect(left.entries()).toEqual(one.entries())
        expect(left.summary()).toEqual(one.summary())
        expect(left.count).toBe(a.length + b.length)
      }),
    )
  })

  it('has nothing to say while it is empty, and after it was cleared', () => {
    const histogram = new LatencyHistogram()
    expect(histogram.summary()).toBeUndefined()
    histogram.add(3)
    expect(histogram.summary()?.p50).toBeCloseTo(3, 0)
    histogram.clear()
    expect(histogram.summary()).toBeUndefined()
    expect(histogram.entries()).toEqual([])
  })

  it('takes what is longer than 19 hours for 19 hours', () => {
    const histogram = new LatencyHistogram()
    histogram.add(1e12)
    expect(histogram.percentile(100)).toBeCloseTo(2 ** 36 / 1000, -6)
  })
})
