import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../../../app/device/latency-histogram.ts'
import { FleetCounters } from '../../../../main/devices/fleet-counters.ts'
import { Meter } from '../../../../main/devices/meter.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function reading(published: number, latencies: readonly number[] = []) {
  const histogram = new LatencyHistogram()
  for (const ms of latencies) histogram.add(ms)
  return { published, acknowledged: published, latency: histogram.entries(), errors: {} }
}

describe('FleetCounters', () => {
  it('adds up the readings of all workers', () => {
    const counters = new FleetCounters(new FakeClock())
    counters.add({ published: 3, acknowledged: 2, latency: [], errors: { 'it was reset': 1 } })
    counters.add({ published: 4, acknowledged: 4, latency: [], errors: { 'it was reset': 2, refused: 1 } })
    expect(counters.snapshot()).toMatchObject({
      published: 7,
      acknowledged: 6,
      latency: undefined,
      errors: { 'it was reset': 3, refused: 1 },
    })
  })

  it('tells the rate of the last second, from the first sample on, and 0 when nothing comes any more', () => {
    const clock = new FakeClock()
    const counters = new FleetCounters(clock)
    const rates = Array.from({ length: 14 }, (_, i) => {
      clock.advance(250)
      if (i < 8) counters.add(reading(25))
      counters.sample()
      return counters.snapshot().rate
    })
    expect(rates).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 75, 50, 25, 0, 0, 0])
    expect(counters.isMoving).toBe(false)
  })

  it('forgets latencies after a minute, and keeps them for the whole run', () => {
    const clock = new FakeClock()
    const counters = new FleetCounters(clock)
    counters.add(reading(1, [800]))
    clock.advance(30_000)
    counters.add(reading(1, [2]))
    expect(counters.snapshot().latency?.p99).toBeGreaterThan(799)
    clock.advance(30_001)
    expect(counters.snapshot().latency?.p99).toBeLessThan(3)
    expect(counters.total().latency?.p99).toBeGreaterThan(799)
  })
})

describe('Meter', () => {
  it('gives what was counted since the last time, and nothing when nothing was', () => {
    const meter = new Meter()
    expect(meter.take()).toBeUndefined()
    meter.published()
    meter.acknowledged(5)
    meter.failed('gone', 2)
    expect(meter.take()).toMatchObject({
      published: 1,
      acknowledged: 1,
      errors: { gone: 2 },
      latency: [[expect.any(Number), 1]],
    })
    expect(meter.take()).toBeUndefined()
  })

  it('keeps a hundred different reasons, and counts the others together', () => {
    const meter = new Meter()
    for (let i = 0; i < 150; i++) meter.failed(`reason ${i}`)
    const { errors = {} } = meter.take() ?? {}
    expect(Object.keys(errors)).toHaveLength(101)
    expect(errors['other reasons']).toBe(50)
  })
})
