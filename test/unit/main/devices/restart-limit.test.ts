import { describe, expect, it } from 'vitest'
import { RestartLimit } from '../../../../main/devices/restart-limit.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

describe('the limit of restarts', () => {
  it('is five in a minute', () => {
    const limit = new RestartLimit(new FakeClock())
    expect(Array.from({ length: 6 }, () => limit.mayRestart())).toEqual([true, true, true, true, false, false])
  })

  it('forgets what is longer ago', () => {
    const clock = new FakeClock()
    const limit = new RestartLimit(clock)
    for (let i = 0; i < 100; i++) {
      expect(limit.mayRestart()).toBe(true)
      clock.advance(16_000)
    }
  })
})
