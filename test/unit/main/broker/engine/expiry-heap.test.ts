import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpiryHeap } from '../../../../../main/broker/engine/expiry-heap.ts'

describe('ExpiryHeap', () => {
  it('gives what expires first, whatever comes and goes', () => {
    const step = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('take' as const), fc.constant('keep' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heap = new ExpiryHeap<{ expiresAt: number }>()
        let plain: number[] = []
        for (const one of steps) {
          if (one === 'take') expect(heap.take()?.expiresAt).toBe(plain.shift())
          else if (one === 'keep') {
            heap.keep(({ expiresAt }) => expiresAt % 3 !== 0)
            plain = plain.filter((time) => time % 3 !== 0)
          } else {
            heap.add({ expiresAt: one })
            plain = [...plain, one].sort((a, b) => a - b)
          }
          expect([heap.size, heap.first?.expiresAt]).toEqual([plain.length, plain[0]])
        }
      }),
      { numRuns: 500 },
    )
  })
})
