import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FleetGroup } from '../../../../main/devices/fleet-group.ts'

describe('FleetGroup', () => {
  it('makes each step of its ramp, or says when it is due, whatever the clock says from one look to the next', () => {
    const looks = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 1000 }), looks, (count, rampMs, gaps) => {
        let [now, k] = [0, 0]
        // Each look at the clock finds it later than the one before.
        const monotonic = () => {
          now += (gaps[k++ % gaps.length] as number) * 1e6
          return now
        }
        const clock = { now: () => 0, monotonic, after: () => ({ dispose() {} }) }
        const group = new FleetGroup({ id: 'f', script: 's', source: '', count, rampMs, idOf: String }, clock)
        for (let look = 0; look < 50; look++) {
          const { due, next } = group.plan()
          if (next === undefined) expect(due).toBe(count)
          else expect(due).toBeLessThan(count)
        }
      }),
    )
  })
})
