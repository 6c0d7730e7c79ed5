import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { constant, normal, randomWalk, type Signal, uniform } from '../../../../app/device/signals.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

function draw(signal: Signal, count: number): number[] {
  return Array.from({ length: count }, () => signal.next())
}

describe('constant', () => {
  it('is always the same', () => {
    expect(draw(constant(21.5), 3)).toEqual([21.5, 21.5, 21.5])
  })

  it('refuses what is not a number', () => {
    expect(() => constant(Number.NaN)).toThrow("sensor.constant: 'value' must be a number, not NaN")
  })
})

describe('uniform', () => {
  it('keeps within its bounds, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), finite, finite, (seed, a, b) => {
        const options = { min: Math.min(a, b), max: Math.max(a, b) }
        const values = draw(uniform(createRandom(seed), options), 50)
        for (const value of values) expect(value >= options.min && value <= options.max).toBe(true)
        expect(draw(uniform(createRandom(seed), options), 50)).toEqual(values)
      }),
    )
  })

  it('comes to all parts of its range alike', () => {
    const values = draw(uniform(createRandom(1), { min: 10, max: 20 }), 10_000)
    for (let from = 10; from < 20; from++) {
      expect(Math.abs(values.filter((value) => value >= from && value < from + 1).length - 1000)).toBeLessThan(150)
    }
  })

  it('refuses bounds the wrong way round', () => {
    expect(() => uniform(createRandom(1), { min: 2, max: 1 })).toThrow("sensor.uniform: 'min' 2 is above 'max' 1")
  })
})

describe('normal', () => {
  it('has the mean and the deviation that were asked for', () => {
    const values = draw(normal(createRandom(1), { mean: 230, deviation: 2 }), 10_000)
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(mean).toBeCloseTo(230, 0)
    expect(Math.abs(Math.sqrt(variance) - 2)).toBeLessThan(0.1)
  })

  it('is the same for the same seed, and another for another', () => {
    const values = (seed: number) => draw(normal(createRandom(seed), { mean: 0, deviation: 1 }), 10)
    expect(values(7)).toEqual(values(7))
    expect(values(7)).not.toEqual(values(8))
  })

  it('refuses a negative deviation', () => {
    expect(() => normal(createRandom(1), { mean: 0, deviation: -1 })).toThrow(
      "sensor.normal: 'deviation' must be a number of at least 0, not -1",
    )
  })
})

describe('randomWalk', () => {
  it('starts at its start and takes steps that are no longer than its step', () => {
    fc.assert(
      fc.property(fc.integer(), finite, fc.double({ min: 0, max: 100, noNaN: true }), (seed, start, step) => {
        const walk = randomWalk(createRandom(seed), { start, step })
        let last = walk.next()
        expect(last).toBe(start)
        for (let i = 0; i < 50; i++) {
          const next = walk.next()
          expect(Math.abs(next - last)).toBeLessThanOrEqual(step + 1e-6)
          last = next
        }
      }),
    )
  })

  it('never leaves its bounds, however narrow they are', () => {
    const bounds = fc.tuple(finite, finite).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    fc.assert(
      fc.property(fc.integer(), bounds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, [min, max], where) => {
        const start = Math.min(max, min + (max - min) * where)
        const walk = randomWalk(createRandom(seed), { start, step: (max - min) * 3 + 1, min, max })
        for (let i = 0; i < 50; i++) {
          const value = walk.next()
          expect(value).toBeGreaterThanOrEqual(min)
          expect(value).toBeLessThanOrEqual(max)
        }
      }),
    )
  })

  it('does not stick to a bound', () => {
    const walk = randomWalk(createRandom(1), { start: 0, step: 1, min: 0, max: 10 })
    const values = Array.from({ length: 2000 }, () => walk.next())
    expect(values.filter((value) => value === 0 || value === 10).length).toBeLessThan(5)
    expect(Math.max(...values)).toBeGreaterThan(9)
  })

  it('is the same for the same seed', () => {
    const draw = (seed: number) => {
      const walk = randomWalk(createRandom(seed), { start: 0, step: 1 })
      return Array.from({ length: 10 }, () => walk.next())
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it.each([
    [{ start: Number.NaN, step: 1 }, "'start' must be a number, not NaN"],
    [{ start: 0, step: -1 }, "'step' must be a number of at least 0, not -1"],
    [{ start: 0, step: 1, min: 2, max: 1 }, "'min' 2 is above 'max' 1"],
    [{ start: 5, step: 1, max: 4 }, "'start' 5 is not between"],
    [{ start: 0, step: 1, min: Number.NaN }, "'min' must be a number, not NaN"],
  ])('refuses %j in words', (options, message) => {
    expect(() => randomWalk(createRandom(1), options)).toThrow(message)
  })
})
