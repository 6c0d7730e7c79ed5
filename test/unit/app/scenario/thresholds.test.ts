import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countMetrics,
  judgeThreshold,
  type Measured,
  readThreshold,
  timeMetrics,
} from '../../../../app/scenario/thresholds.ts'

const nothing: Measured = {
  times: { 'delivery.duration': [], 'handshake.duration': [], 'connect.duration': [] },
  counts: Object.fromEntries(countMetrics.map((name) => [name, 0])) as Measured['counts'],
}

function judge(metric: string, text: string, measured: Partial<{ durations: number[]; lost: number }>) {
  const threshold = readThreshold(metric, text)
  if (typeof threshold === 'string') throw new Error(threshold)
  return judgeThreshold(threshold, {
    times: { ...nothing.times, 'delivery.duration': measured.durations ?? [] },
    counts: { ...nothing.counts, 'delivery.lost': measured.lost ?? 0 },
  })
}

describe('a threshold', () => {
  it('keeps a percentile of times under a bound, in the unit that it names', () => {
    const durations = Array.from({ length: 100 }, (_, i) => i + 1)
    expect(judge('delivery.duration', 'p(95) < 96ms', { durations })).toEqual({ held: true, value: '95.0 ms' })
    expect(judge('delivery.duration', 'p(95) < 95ms', { durations }).held).toBe(false)
    expect(judge('delivery.duration', 'p(95)<=0.095s', { durations }).held).toBe(true)
    expect(judge('delivery.duration', 'max < 0.1s', { durations })).toEqual({ held: false, value: '100 ms' })
    expect(judge('delivery.duration', 'min >= 1ms', { durations }).held).toBe(true)
    expect(judge('delivery.duration', 'med == 50ms', { durations }).held).toBe(true)
    expect(judge('delivery.duration', 'avg == 50.5ms', { durations }).held).toBe(true)
    expect(judge('delivery.duration', 'count > 99', { durations }).held).toBe(true)
  })

  it('is not kept to by nothing at all', () => {
    expect(judge('delivery.duration', 'p(95) < 1h', {})).toEqual({ held: false, value: 'no value' })
    expect(judge('delivery.duration', 'max >= 0ms', {}).held).toBe(false)
    expect(judge('delivery.duration', 'count == 0', {}).held).toBe(true)
  })

  it('counts times that were not kept, and does not guess where they stand among the others', () => {
    const kept = { ...nothing, times: { ...nothing.times, 'delivery.duration': [10, 20, 30] } }
    const measured = { ...kept, others: { 'delivery.duration': { count: 1, sum: 40, min: 5, max: 35 } } }
    const judged = (text: string) => {
      const threshold = readThreshold('delivery.duration', text)
      if (typeof threshold === 'string') throw new Error(threshold)
      return judgeThreshold(threshold, measured)
    }
    expect(judged('count == 4')).toEqual({ held: true, value: '4' })
    expect(judged('avg == 25ms')).toEqual({ held: true, value: '25.0 ms' })
    expect(judged('min == 5ms').held).toBe(true)
    expect(judged('max == 35ms').held).toBe(true)
    const value = 'it cannot be judged: of 4 values only the first 3 were kept'
    for (const text of ['p(95) < 1h', 'p(95) > 0ms', 'med < 1h']) expect(judged(text)).toEqual({ held: false, value })
  })

  it('is not kept to where it cannot be judged, and says what there is to be said of a value', () => {
    const threshold = readThreshold('delivery.lost', '== 0')
    if (typeof threshold === 'string') throw new Error(threshold)
    expect(judgeThreshold(threshold, { ...nothing, untold: { 'delivery.lost': '3 records are missing' } })).toEqual({
      held: false,
      value: 'it cannot be judged: 3 records are missing',
    })
    const lost = { ...nothing, counts: { ...nothing.counts, 'delivery.lost': 2 } }
    expect(judgeThreshold(threshold, { ...lost, notes: { 'delivery.lost': '2 for want of room' } })).toEqual({
      held: false,
      value: '2 (2 for want of room)',
    })
  })

  it('compares counts', () => {
    expect(judge('delivery.lost', '== 0', { lost: 0 })).toEqual({ held: true, value: '0' })
    expect(judge('delivery.lost', '== 0', { lost: 1 })).toEqual({ held: false, value: '1' })
    expect(judge('delivery.lost', '!= 1', { lost: 1 }).held).toBe(false)
    expect(judge('delivery.lost', '>= 2', { lost: 1 }).held).toBe(false)
  })

  it.each([
    ['== 0', 0, undefined],
    ['== 0', 1, false],
    ['== 1', 1, undefined],
    ['!= 0', 1, true],
    ['!= 1', 1, undefined],
    ['!= 1', 0, undefined],
    ['>= 1', 1, true],
    ['>= 2', 1, undefined],
    ['> 0', 1, true],
    ['> 1', 0, undefined],
    ['< 2', 1, undefined],
    ['< 2', 2, false],
    ['<= 1', 1, undefined],
    ['<= 1', 2, false],
  ])('%s of a count that is at least %i is judged only where no higher one would change it', (text, seen, held) => {
    const threshold = readThreshold('wills.published', text)
    if (typeof threshold === 'string') throw new Error(threshold)
    const counts = { ...nothing.counts, 'wills.published': seen }
    const judged = judgeThreshold(threshold, { ...nothing, counts, atLeast: { 'wills.published': 'who knows' } })
    const value = `at least ${seen}`
    expect(judged).toEqual(
      held === undefined ? { held: false, value: `it cannot be judged: ${value}; who knows` } : { held, value },
    )
  })

  it.each([
    ['delivery.duraton', 'max < 1s', "did you mean 'delivery.duration'?"],
    ['delivery.duration', 'max < 250', 'no unit'],
    ['delivery.duration', '< 250ms', 'does not say what of the times is meant'],
    ['delivery.duration', 'p(101) < 1s', 'goes from 0 to 100'],
    ['delivery.duration', 'max < 2 days', "there is no unit 'days'"],
    ['delivery.duration', 'count > 5ms', 'a count has no unit'],
    ['delivery.duration', 'mean < 5ms', 'cannot read'],
    ['delivery.lost', 'max == 0', 'is a count'],
    ['delivery.lost', '= 0', 'cannot read'],
    ['delivery.lost', '== 0ms', 'a count has no unit'],
  ])('of %s that says %s is refused', (metric, text, why) => {
    expect(readThreshold(metric, text)).toContain(why)
  })

  it('judges a percentile by a value that there was, with that share of all at or below it', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (durations, percentile) => {
        const below = (bound: number) =>
          judge('delivery.duration', `p(${percentile}) <= ${bound}ms`, { durations }).held
        const sorted = [...durations].sort((a, b) => a - b)
        const first = sorted.find((value) => below(value)) as number
        const share = durations.filter((value) => value <= first).length / durations.length
        expect(share).toBeGreaterThanOrEqual(percentile / 100)
        expect(durations.filter((value) => value < first).length / durations.length).toBeLessThanOrEqual(
          percentile / 100,
        )
      }),
    )
  })

  it('never throws, whatever is written', () => {
    const metric = fc.oneof(fc.constantFrom<string>(...timeMetrics, ...countMetrics), fc.string())
    fc.assert(
      fc.property(metric, fc.string(), (name, text) => {
        expect(['string', 'object']).toContain(typeof readThreshold(name, text))
      }),
    )
  })
})
