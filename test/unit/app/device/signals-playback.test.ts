import { describe, expect, it } from 'vitest'
import { playback } from '../../../../app/device/signals-playback.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const file = { file: 'data/day.csv', text: 'celsius,gap\n20,1\n60,\n40,3\n', column: 'celsius' }

describe('playback', () => {
  it('gives one row for each sample, and the first again', () => {
    const signal = playback(new FakeClock(), file)
    expect([1, 2, 3, 4, 5].map(() => signal.next())).toEqual([20, 60, 40, 20, 60])
  })

  it('stays at the last row when it is not to repeat', () => {
    const signal = playback(new FakeClock(), { ...file, repeat: false })
    expect([1, 2, 3, 4, 5].map(() => signal.next())).toEqual([20, 60, 40, 40, 40])
  })

  it('follows the clock when each row lasts for a time', () => {
    const clock = new FakeClock()
    const [again, once] = [true, false].map((repeat) => playback(clock, { ...file, every: 100, repeat }))
    const seen = [0, 99, 1, 100, 100].map((ms) => {
      clock.advance(ms)
      return [again?.next(), once?.next()]
    })
    expect(seen).toEqual([
      [20, 20],
      [20, 20],
      [60, 60],
      [40, 40],
      [20, 40],
    ])
  })

  it('has its first row when the clock was set back', () => {
    let now = 5000
    const signal = playback({ now: () => now }, { ...file, every: 100 })
    now = 0
    expect(signal.next()).toBe(20)
  })

  it('refuses a cell without a number, unless it is to be a lost sample', () => {
    const gap = { ...file, column: 'gap' }
    expect(() => playback(new FakeClock(), gap)).toThrow(
      "sensor.playback: data/day.csv has '' in row 2 of column 'gap', which is not a number; write gaps: 'lost'",
    )
    const signal = playback(new FakeClock(), { ...gap, gaps: 'lost' })
    expect([1, 2, 3].map(() => signal.next())).toEqual([1, undefined, 3])
  })

  it.each([
    [{ every: 0 }, "'every' must be above 0, not 0"],
    [{ column: 'kelvin' }, "data/day.csv has no column 'kelvin'; it has 'celsius', 'gap'"],
    [{ text: 'celsius\n' }, "data/day.csv has no values in column 'celsius'"],
    [{ text: '' }, 'data/day.csv is empty'],
  ])('refuses %j in words', (wrong, message) => {
    expect(() => playback(new FakeClock(), { ...file, ...wrong })).toThrow(`sensor.playback: ${message}`)
  })
})
