import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { randomWalk } from '../../../../app/device/signals.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

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
