import { describe, expect, it } from 'vitest'
import type { ConnectionSnapshot } from '../../../../app/contract/contract.ts'
import { ClientRates, rateKey } from '../../../../renderer/state/client-rates.ts'

const now = 1_700_000_000_000

function connection(id: number, packets: number, clientId?: string): ConnectionSnapshot {
  return { id, clientId, remote: '127.0.0.1:5000', open: true, since: now, packets }
}

describe('ClientRates', () => {
  it('does not take what was counted before the first look for packets of now', () => {
    const rates = new ClientRates()
    rates.reset([connection(1, 5000, 'pump')])
    rates.update([connection(1, 5003, 'pump')], [], now)
    expect(rates.perSecond('pump', now + 1000)).toBe(3)
  })

  it('begins anew with another look', () => {
    const rates = new ClientRates()
    rates.reset([])
    rates.update([connection(1, 4, 'pump')], [], now)
    rates.reset([])
    expect(rates.perSecond('pump', now + 1000)).toBe(0)
  })

  it('counts all packets of a connection that is new', () => {
    const rates = new ClientRates()
    rates.reset([])
    rates.update([connection(1, 4, 'pump')], [], now)
    expect(rates.perSecond('pump', now + 1000)).toBe(4)
  })

  it('goes on for the same client over a reconnect', () => {
    const rates = new ClientRates()
    rates.reset([])
    rates.update([connection(1, 4, 'pump')], [], now)
    rates.update([connection(2, 2, 'pump')], [1], now + 500)
    expect(rates.perSecond('pump', now + 1000)).toBe(6)
  })

  it('keeps connections apart that have not said who they are, or said nothing', () => {
    expect(rateKey({ id: 7 })).not.toBe(rateKey({ id: 8 }))
    expect(rateKey({ id: 7, clientId: '' })).not.toBe(rateKey({ id: 8, clientId: '' }))
  })

  it('has no curve for a client that has been silent for long', () => {
    const rates = new ClientRates()
    rates.reset([])
    rates.update([connection(1, 4, 'pump')], [], now)
    expect(rates.series('pump', now + 1000)).toEqual([4])
    rates.update([], [], now + 60_000)
    expect(rates.series('pump', now + 60_000)).toBeUndefined()
  })

  it('adds up many clients, over the seconds of the oldest', () => {
    const rates = new ClientRates()
    rates.reset([])
    rates.update([connection(1, 4, 'pump')], [], now)
    rates.update([connection(1, 8, 'pump'), connection(2, 6, 'meter')], [], now + 1000)
    const { perSecond, series } = rates.together(['pump', 'meter', 'silent'], now + 2000)
    expect(series).toEqual([4, (4 + 4 + 6) / 2])
    expect(perSecond).toBe((4 + 4 + 6) / 2)
    expect(rates.together(['silent'], now + 2000)).toEqual({ perSecond: 0, series: undefined })
  })
})
