import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { constant } from '../../../../app/device/signals.ts'
import { clamp, quantize, type Sample, sum, withNoise } from '../../../../app/device/signals-combined.ts'

const level = fc.double({ min: -1e6, max: 1e6, noNaN: true })

/** Gives the values of a list, one after the other. */
function listed<T extends Sample>(values: readonly T[]) {
  let i = 0
  return { next: () => values[i++] as T }
}

describe('sum', () => {
  it('is the sum of what its sensors give', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(level, level, level), { maxLength: 20 }), (rows) => {
        const total = sum(...[0, 1, 2].map((column) => listed(rows.map((row) => row[column] ?? 0))))
        for (const [a, b, c] of rows) expect(total.next()).toBeCloseTo(a + b + c, 6)
      }),
    )
  })

  it('is lost when a part is lost, while the other parts go on', () => {
    const total = sum<Sample>(listed([1, undefined, 3]), listed([10, 20, 30]))
    expect([total.next(), total.next(), total.next()]).toEqual([11, undefined, 33])
  })

  it('needs something to add up', () => {
    expect(() => sum()).toThrow('sensor.sum: needs at least one sensor')
    expect(() => sum(constant(1), 2 as never)).toThrow('sensor.sum: needs a sensor to read')
  })
})

describe('clamp', () => {
  it('keeps to its bounds, and leaves alone what is within them', () => {
    fc.assert(
      fc.property(level, level, level, (value, a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)]
        const clamped = clamp(constant(value), { min, max }).next()
        // A bound of 0 and a value of -0 are the same number.
        expect(clamped + 0).toBe((value < min ? min : value > max ? max : value) + 0)
      }),
    )
  })

  it('may have one bound only', () => {
    expect(clamp(constant(-5), { min: 0 }).next()).toBe(0)
    expect(clamp(constant(5), { min: 0 }).next()).toBe(5)
    expect(clamp(constant(5), { max: 1 }).next()).toBe(1)
  })

  it('refuses what are no bounds', () => {
    expect(() => clamp(constant(1), {})).toThrow("sensor.clamp: needs 'min', 'max' or both")
    expect(() => clamp(constant(1), { min: 2, max: 1 })).toThrow("sensor.clamp: 'min' 2 is above 'max' 1")
  })
})

describe('quantize', () => {
  it('gives the nearest multiple of its step', () => {
    const steps = fc.constantFrom(0.001, 0.05, 0.1, 0.25, 0.5, 1, 3, 10, 1e-7)
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), steps, (value, step) => {
        const quantized = quantize(constant(value), { step }).next()
        expect(Math.abs(quantized - value)).toBeLessThanOrEqual(step / 2 + 1e-9)
        expect(Math.abs(quantized / step - Math.round(quantized / step))).toBeLessThan(1e-5)
      }),
    )
  })

  it('shows no more decimals than its step has', () => {
    const steps = fc.constantFrom([0.1, 1], [0.05, 2], [0.001, 3], [5, 0])
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), steps, (value, [step = 1, decimals = 0]) => {
        const text = JSON.stringify(quantize(constant(value), { step }).next())
        expect(text.split('.')[1]?.length ?? 0).toBeLessThanOrEqual(decimals)
      }),
    )
    expect(quantize(constant(0.31), { step: 0.1 }).next()).toBe(0.3)
    expect(quantize(constant(1e-9), { step: 1e-300 }).next()).toBeCloseTo(1e-9, 12)
  })

  it('refuses a step of 0', () => {
    expect(() => quantize(constant(1), { step: 0 })).toThrow("sensor.quantize: 'step' must be above 0, not 0")
  })
})

describe('withNoise', () => {
  const noisy = (seed: number, deviation: number) => {
    const signal = withNoise(createRandom(seed), constant(50), { deviation })
    return Array.from({ length: 5000 }, () => signal.next())
  }

  it('scatters around its source by its deviation', () => {
    const values = noisy(1, 3)
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(50, 0)
    const within = values.filter((value) => Math.abs(value - 50) < 3).length / values.length
    expect(Math.abs(within - 0.683)).toBeLessThan(0.03)
    expect(new Set(noisy(1, 0))).toEqual(new Set([50]))
  })

  it('is the same for the same seed, and another for another', () => {
    expect(noisy(7, 1)).toEqual(noisy(7, 1))
    expect(noisy(7, 1)).not.toEqual(noisy(8, 1))
  })

  it('loses what its source loses', () => {
    expect(withNoise(createRandom(1), listed([undefined]), { deviation: 1 }).next()).toBeUndefined()
  })

  it('refuses a deviation that is none', () => {
    expect(() => withNoise(createRandom(1), constant(1), { deviation: -1 })).toThrow(
      "sensor.withNoise: 'deviation' must be a number of at least 0, not -1",
    )
  })
})
