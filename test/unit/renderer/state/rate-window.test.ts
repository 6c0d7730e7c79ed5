import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateWindow, windowSeconds } from '../../../../renderer/state/rate-window.ts'

const start = 1_700_000_000_000

describe('RateWindow', () => {
  it('knows no rate before its first second is over', () => {
    const window = new RateWindow(start)
    window.add(5, start + 10)
    expect(window.perSecond(start + 999)).toBe(0)
    expect(window.series(start + 999)).toEqual([])
  })

  it('counts a young rate over the seconds that there were', () => {
    const window = new RateWindow(start)
    window.add(6, start)
    expect(window.perSecond(start + 1000)).toBe(6)
    expect(window.perSecond(start + 2000)).toBe(3)
  })

  it('does not flicker for something that happens every other second', () => {
    const window = new RateWindow(start)
    const shown: number[] = []
    for (let second = 0; second < 20; second++) {
      if (second % 2 === 0) window.add(1, start + second * 1000)
      if (second >= 4) shown.push(window.perSecond(start + second * 1000))
    }
    expect(new Set(shown)).toEqual(new Set([0.5]))
  })

  it('falls to nothing, and says so, when nothing happens any more', () => {
    const window = new RateWindow(start)
    window.add(100, start)
    expect(window.perSecond(start + 5000)).toBe(0)
    expect(window.isQuiet(start + 5000)).toBe(false)
    expect(window.isQuiet(start + 60_000)).toBe(true)
  })

  it('gives one rate for each of the last 30 seconds, the newest last', () => {
    const window = new RateWindow(start)
    for (let second = 0; second < 100; second++) window.add(second, start + second * 1000)
    const series = window.series(start + 100_000)
    expect(series).toHaveLength(windowSeconds)
    expect(series.at(-1)).toBe((96 + 97 + 98 + 99) / 4)
    expect(series.at(-1)).toBe(window.perSecond(start + 100_000))
  })

  it('goes on when the wall clock is set back', () => {
    const window = new RateWindow(start)
    window.add(4, start + 5000)
    window.add(4, start - 60_000)
    expect(window.perSecond(start + 6000)).toBe(2)
  })

  it('agrees with a plain count of what happened', () => {
    const happenings = fc.array(fc.record({ after: fc.integer({ min: 0, max: 3000 }), count: fc.nat(50) }))
    fc.assert(
      fc.property(happenings, fc.integer({ min: 0, max: 8000 }), (steps, wait) => {
        const window = new RateWindow(start)
        let now = start
        const all = steps.map(({ after, count }) => {
          now += after
          window.add(count, now)
          return { second: Math.floor(now / 1000), count }
        })
        now += wait
        const second = Math.floor(now / 1000)
        const seconds = Math.min(4, second - Math.floor(start / 1000))
        const expected = all
          .filter((one) => one.second < second && one.second >= second - seconds)
          .reduce((sum, { count }) => sum + count, 0)
        expect(window.perSecond(now)).toBeCloseTo(seconds === 0 ? 0 : expected / seconds)
      }),
    )
  })

  it('has the rates of many windows together', () => {
    const happening = fc.record({ window: fc.nat(3), after: fc.nat(60_000), count: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(happening), (happenings) => {
        const windows = Array.from({ length: 4 }, () => new RateWindow(start))
        const one = new RateWindow(start)
        for (const { window, after, count } of happenings.sort((a, b) => a.after - b.after)) {
          windows[window]?.add(count, start + after)
          one.add(count, start + after)
        }
        const now = start + 61_000
        const together = RateWindow.together(windows, now)
        expect(together.series(now)).toEqual(one.series(now))
        expect(together.perSecond(now)).toBe(one.perSecond(now))
      }),
    )
  })

  it('is as old as the oldest of them', () => {
    const young = new RateWindow(start + 5000)
    young.add(8, start + 5000)
    const together = RateWindow.together([new RateWindow(start), young], start + 6000)
    expect(together.series(start + 6000)).toHaveLength(6)
    expect(together.perSecond(start + 6000)).toBe(2)
  })
})
