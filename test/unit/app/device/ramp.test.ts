import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextStep, rampedTo } from '../../../../app/device/ramp.ts'

const ramp = fc.record({ from: fc.nat(500), to: fc.nat(500), ms: fc.nat(10_000) })

describe('rampedTo', () => {
  it('begins with one at once, and adds evenly', () => {
    const four = { from: 0, to: 4, ms: 1000 }
    expect([0, 249, 250, 500, 749, 750, 5000].map((at) => rampedTo(four, at))).toEqual([1, 1, 2, 3, 3, 4, 4])
  })

  it('takes away as it adds', () => {
    expect([0, 499, 500, 1000].map((at) => rampedTo({ from: 5, to: 3, ms: 1000 }, at))).toEqual([4, 4, 3, 3])
  })

  it('never goes back, never beyond, and is at its end in time', () => {
    fc.assert(
      fc.property(ramp, fc.array(fc.nat(12_000)), (given, times) => {
        const values = [...times].sort((a, b) => a - b).map((at) => rampedTo(given, at))
        const sign = Math.sign(given.to - given.from)
        values.forEach((value, i) => {
          expect((value - (values[i - 1] ?? given.from)) * sign).toBeGreaterThanOrEqual(0)
          expect((given.to - value) * sign).toBeGreaterThanOrEqual(0)
        })
        expect(rampedTo(given, given.ms)).toBe(given.to)
      }),
    )
  })
})

describe('nextStep', () => {
  it('says when the number changes: not before, and then by one at least', () => {
    fc.assert(
      fc.property(ramp, fc.nat(10_000), (given, elapsed) => {
        const now = rampedTo(given, elapsed)
        const next = nextStep(given, elapsed)
        if (next === undefined) expect(now).toBe(given.to)
        else {
          expect(next).toBeGreaterThanOrEqual(elapsed - 1e-6)
          expect(rampedTo(given, next + 1e-6)).not.toBe(now)
        }
      }),
    )
  })
})
