import { beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../../app/base/clock.ts'
import { Alarm } from '../../../../main/link/alarm.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const clock = new FakeClock()
/** Counts in whole milliseconds, as the timers of Node do. */
const coarse: Clock = {
  now: () => clock.now(),
  monotonic: () => clock.monotonic(),
  after: (ms, run) => clock.after(Math.max(1, Math.floor(ms)), run),
}

let rings = 0
let alarm: Alarm

beforeEach(() => {
  alarm = new Alarm(coarse, () => {
    rings += 1
  })
  rings = 0
})

describe('an Alarm', () => {
  it('is never early, though the timers are', () => {
    alarm.set(clock.monotonic() + 2.5e6)
    clock.advance(2)
    expect(rings).toBe(0)
    clock.advance(1)
    expect(rings).toBe(1)
    expect(clock.waiting).toBe(0)
  })

  it('rings for what it was set to last', () => {
    alarm.set(clock.monotonic() + 5e6)
    alarm.set(clock.monotonic() + 10e6)
    clock.advance(9)
    expect(rings).toBe(0)
    clock.advance(1)
    expect(rings).toBe(1)
    alarm.set(clock.monotonic() + 5e6)
    alarm.set(undefined)
    expect(clock.waiting).toBe(0)
  })

  it('rings in the next turn for what is due already', () => {
    alarm.set(clock.monotonic() - 1e6)
    expect(rings).toBe(0)
    clock.advance(1)
    expect(rings).toBe(1)
  })
})
