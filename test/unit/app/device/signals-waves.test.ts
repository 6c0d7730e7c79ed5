import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drift, sawtooth, sine, square, steps } from '../../../../app/device/signals-waves.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const level = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const period = fc.integer({ min: 1, max: 86_400_000 })
const moments = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 20 })
const waves = { sine, square, sawtooth }

describe.each(Object.entries(waves))('%s', (name, wave) => {
  it('keeps within its bounds at every time', () => {
    fc.assert(
      fc.property(
        level,
        level,
        period,
        fc.double({ min: 0, max: 1, noNaN: true }),
        moments,
        (a, b, period, phase, at) => {
          const clock = new FakeClock()
          const [min, max] = [Math.min(a, b), Math.max(a, b)]
          const signal = wave(clock, { min, max, period, phase })
          for (const ms of at) {
            clock.advance(ms)
            const value = signal.next()
            expect(value >= min && value <= max).toBe(true)
          }
        },
      ),
    )
  })

  it('is the same again after each period, and from when it was made on, whatever the time is then', () => {
    fc.assert(
      // Eighths of a period, and periods of whole milliseconds, so that no edge is missed by a rounding.
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 50_000 }), (late, eighth) => {
        const clock = new FakeClock()
        const options = { min: -1, max: 1, period: eighth * 8 }
        const early = wave(clock, options)
        const first = Array.from({ length: 8 }, () => {
          clock.advance(eighth)
          return early.next()
        })
        for (const value of first) {
          clock.advance(eighth)
          expect(early.next()).toBeCloseTo(value, 6)
        }
        clock.advance(late)
        const second = wave(clock, options)
        for (const value of first) {
          clock.advance(eighth)
          expect(second.next()).toBe(value)
        }
      }),
    )
  })

  it.each([
    [{ min: 1, max: 0, period: 1 }, "'min' 1 is above 'max' 0"],
    [{ min: 0, max: Number.NaN, period: 1 }, "'max' must be a number, not NaN"],
    [{ min: 0, max: 1, period: 0 }, "'period' must be above 0, not 0"],
    [{ min: 0, max: 1, period: 1, phase: 2 }, "'phase' must be a number from 0 to 1, not 2"],
  ])('refuses %j in words', (options, message) => {
    expect(() => wave(new FakeClock(), options)).toThrow(`sensor.${name}: ${message}`)
  })
})

/** What a signal gives at the given times, in milliseconds after it was made. */
function at(times: readonly number[], make: (clock: FakeClock) => { next(): number }): number[] {
  const clock = new FakeClock()
  const signal = make(clock)
  let now = 0
  return times.map((time) => {
    clock.advance(time - now)
    now = time
    return signal.next()
  })
}

describe('the shape', () => {
  const wave = { min: 10, max: 20, period: 1000 }

  it('of sine begins in the middle, and has its top after a quarter', () => {
    const [a, b, c, d] = at([0, 250, 500, 750], (clock) => sine(clock, wave))
    expect(a).toBe(15)
    expect(b).toBe(20)
    expect(c).toBeCloseTo(15)
    expect(d).toBe(10)
    expect(at([0], (clock) => sine(clock, { ...wave, phase: 0.25 }))).toEqual([20])
  })

  it('of square is max for its duty, then min', () => {
    expect(at([0, 499, 500, 999, 1000], (clock) => square(clock, wave))).toEqual([20, 20, 10, 10, 20])
    expect(at([0, 299, 300], (clock) => square(clock, { ...wave, duty: 0.3 }))).toEqual([20, 20, 10])
    expect(at([0, 999], (clock) => square(clock, { ...wave, duty: 0 }))).toEqual([10, 10])
    expect(at([0, 999], (clock) => square(clock, { ...wave, duty: 1 }))).toEqual([20, 20])
  })

  it('of sawtooth rises evenly and falls at once', () => {
    expect(at([0, 250, 500, 1000], (clock) => sawtooth(clock, wave))).toEqual([10, 12.5, 15, 10])
  })

  it('of square refuses a duty that is no part', () => {
    expect(() => square(new FakeClock(), { ...wave, duty: 1.5 })).toThrow(
      "'duty' must be a number from 0 to 1, not 1.5",
    )
  })
})

describe('steps', () => {
  const options = { values: [20, 60, 40], every: 100 }

  it('gives one value after the other, and the first again', () => {
    expect(at([0, 99, 100, 200, 299, 300, 3400], (clock) => steps(clock, options))).toEqual([
      20, 20, 60, 40, 40, 20, 60,
    ])
  })

  it('stays at the last when it is not to repeat', () => {
    expect(at([0, 200, 300, 1e9], (clock) => steps(clock, { ...options, repeat: false }))).toEqual([20, 40, 40, 40])
  })

  it('has its first value when the clock was set back', () => {
    let now = 5000
    const signal = steps({ now: () => now }, options)
    now = 0
    expect(signal.next()).toBe(20)
  })

  it.each([
    [{ values: [], every: 1 }, "'values' must be a list with at least one number"],
    [{ values: [1, Number.NaN], every: 1 }, "'values[1]' must be a number, not NaN"],
    [{ values: [1], every: 0 }, "'every' must be above 0, not 0"],
  ])('refuses %j in words', (wrong, message) => {
    expect(() => steps(new FakeClock(), wrong)).toThrow(`sensor.steps: ${message}`)
  })
})

describe('drift', () => {
  it('gains its rate in each of its times, evenly', () => {
    fc.assert(
      fc.property(level, fc.double({ min: -1000, max: 1000, noNaN: true }), period, (start, rate, per) => {
        const [first, half, third] = at([0, per / 2, per * 3], (clock) => drift(clock, { start, rate, per }))
        // Not toBe: -0 plus nothing is 0.
        expect(first === start).toBe(true)
        expect(half).toBeCloseTo(start + rate / 2, 5)
        expect(third).toBeCloseTo(start + rate * 3, 5)
      }),
    )
  })

  it('starts at 0 unless told otherwise', () => {
    expect(at([0, 30], (clock) => drift(clock, { rate: -1, per: 10 }))).toEqual([0, -3])
  })

  it('refuses a rate that is none', () => {
    expect(() => drift(new FakeClock(), { rate: Number.NaN, per: 1 })).toThrow("sensor.drift: 'rate' must be a number")
  })
})
