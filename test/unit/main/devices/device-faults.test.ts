import { describe, expect, it } from 'vitest'
import { DeviceFaults } from '../../../../main/devices/device-faults.ts'

function all(): DeviceFaults {
  return Object.assign(new DeviceFaults(), {
    hangs: true,
    wrongPassword: true,
    skewMs: -120_000,
    certificate: 'expired',
  })
}

describe('the faults of a device', () => {
  it('are told in words', () => {
    expect(new DeviceFaults().words()).toEqual([])
    expect(all().words()).toEqual(['hangs', 'wrong password', "certificate 'expired'", 'clock 2 min behind'])
  })

  it('are gone with its life, but for what is configuration', () => {
    const faults = all()
    faults.endLife()
    expect(faults.words()).toEqual(['wrong password', "certificate 'expired'"])
  })

  it('are all gone when it is healed', () => {
    const faults = all()
    faults.heal()
    expect(faults.words()).toEqual([])
  })
})
