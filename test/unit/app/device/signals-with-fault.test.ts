import { describe, expect, it } from 'vitest'
import { constant } from '../../../../app/device/signals.ts'
import { withFault } from '../../../../app/device/signals-with-fault.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

/** 1, 2, 3, ... */
function counting() {
  let count = 0
  return { next: () => ++count }
}

describe('withFault', () => {
  it('is as its source while nothing is wrong', () => {
    const signal = withFault(new FakeClock(), counting(), {})
    expect([signal.next(), signal.next(), signal.fault]).toEqual([1, 2, undefined])
  })

  it('sticks to the last value until it is healed, while its source goes on', () => {
    const signal = withFault(new FakeClock(), counting(), {})
    signal.next()
    signal.fail('stuck')
    expect([signal.next(), signal.next(), signal.fault]).toEqual([1, 1, 'stuck'])
    signal.heal()
    expect([signal.next(), signal.fault]).toEqual([4, undefined])
  })

  it('sticks to its first value when it fails before that', () => {
    const signal = withFault(new FakeClock(), counting(), {})
    signal.fail('stuck')
    expect([signal.next(), signal.next()]).toEqual([1, 1])
  })

  it('loses samples, or is off by its spike', () => {
    const signal = withFault(new FakeClock(), counting(), { spike: -100 })
    signal.fail('dropout')
    expect(signal.next()).toBeUndefined()
    signal.fail('spike')
    expect(signal.next()).toBe(-98)
  })

  it('heals by itself after a time', () => {
    const clock = new FakeClock()
    const signal = withFault(clock, counting(), {})
    signal.fail('dropout', 1000)
    clock.advance(999)
    expect(signal.next()).toBeUndefined()
    clock.advance(1)
    expect(signal.next()).toBe(2)
  })

  it('fails by its schedule; healing ends the fault of now and leaves the later ones', () => {
    const clock = new FakeClock()
    const signal = withFault(clock, constant(1), {
      spike: 9,
      schedule: [
        { fault: 'spike', after: 1000, for: 1000 },
        { fault: 'dropout', after: 3000, for: 1000 },
      ],
    })
    const second = () => {
      const value = signal.next()
      clock.advance(1000)
      return value
    }
    expect([second(), signal.next()]).toEqual([1, 10])
    signal.heal()
    expect([second(), second(), second(), second()]).toEqual([1, 1, undefined, 1])
  })

  it('goes by hand before it goes by its schedule', () => {
    const signal = withFault(new FakeClock(), constant(1), {
      schedule: [{ fault: 'dropout', after: 0, for: 1000 }],
    })
    expect(signal.fault).toBe('dropout')
    signal.fail('stuck')
    expect(signal.fault).toBe('stuck')
  })

  it('says what it cannot do', () => {
    const clock = new FakeClock()
    const signal = withFault(clock, constant(1), {})
    expect(() => signal.fail('broken' as never)).toThrow(
      "sensor.withFault: 'fault' must be one of 'stuck', 'dropout', 'spike', not 'broken'",
    )
    expect(() => signal.fail('spike')).toThrow("a spike needs the option 'spike'")
    expect(() => signal.fail('stuck', 0)).toThrow("'for' must be above 0, not 0")
    expect(() => withFault(clock, constant(1), { schedule: [{ fault: 'stuck', after: -1, for: 1 }] })).toThrow(
      "'schedule[0].after' must be a number of at least 0, not -1",
    )
  })
})
