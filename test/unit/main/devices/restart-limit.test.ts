import { describe, expect, it } from 'vitest'
import { RestartLimits } from '../../../../main/devices/restart-limit.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

describe('the limit of restarts', () => {
  it('is five in a minute', () => {
    const limits = new RestartLimits(new FakeClock())
    expect(Array.from({ length: 6 }, () => limits.mayRestart('a'))).toEqual([true, true, true, true, false, false])
  })

  it('is one for each cause', () => {
    const limits = new RestartLimits(new FakeClock())
    for (let i = 0; i < 5; i++) limits.mayRestart('a')
    expect(limits.mayRestart('b')).toBe(true)
    expect(limits.mayRestart('a')).toBe(false)
  })

  it('forgets what is longer ago', () => {
    const clock = new FakeClock()
    const limits = new RestartLimits(clock)
    for (let i = 0; i < 100; i++) {
      expect(limits.mayRestart('a')).toBe(true)
      clock.advance(16_000)
    }
  })
})
