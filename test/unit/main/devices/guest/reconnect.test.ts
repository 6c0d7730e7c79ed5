import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../../app/base/random.ts'
import { reconnectDelay } from '../../../../../main/devices/guest/reconnect.ts'

const settings = fc.record({
  after: fc.integer({ min: 0, max: 10_000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  max: fc.integer({ min: 0, max: 100_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('the wait before a device tries again', () => {
  it('grows by its factor up to its maximum', () => {
    const policy = { after: 1000, factor: 2, max: 30_000, jitter: 0 }
    const waits = [1, 2, 3, 4, 5, 6, 7, 2000].map((n) => reconnectDelay(policy, n, createRandom(1)))
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('is never further from that than its jitter, and never negative', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 50 }), fc.integer(), (policy, n, seed) => {
        const plain = reconnectDelay({ ...policy, jitter: 0 }, n, createRandom(seed))
        const wait = reconnectDelay(policy, n, createRandom(seed))
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(Math.abs(wait - plain)).toBeLessThanOrEqual(plain * policy.jitter + 1e-9)
      }),
    )
  })

  it('is the same for the same seed', () => {
    const policy = { after: 1000, factor: 2, max: 30_000, jitter: 0.5 }
    const draw = (seed: number) => {
      const random = createRandom(seed)
      return [1, 2, 3].map((n) => reconnectDelay(policy, n, random))
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
})
