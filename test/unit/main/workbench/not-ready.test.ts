import { describe, expect, it } from 'vitest'
import type { DeviceSnapshot } from '../../../../app/device/device-snapshot.ts'
import type { FleetSnapshot } from '../../../../app/device/fleet.ts'
import { DeviceFailed } from '../../../../main/scenarios/device-failed.ts'
import { notOnline, refusedFleet } from '../../../../main/workbench/not-ready.ts'

const fleet = (errors: Readonly<Record<string, number>>, more: Partial<FleetSnapshot> = {}): FleetSnapshot => ({
  id: 'meters',
  kind: 'load',
  script: 'devices/load.device.ts',
  target: '',
  wanted: 30,
  present: 30,
  online: 19,
  settings: undefined,
  written: { count: 30, settings: undefined },
  counters: { published: 0, acknowledged: 0, latency: undefined, rate: 0, errors },
  error: undefined,
  ...more,
})
const device = (state: DeviceSnapshot['state'], reason: string) =>
  ({ id: 'pump', clientId: 'pump', state, reason }) as DeviceSnapshot

describe('a load fleet of which the broker refuses clients', () => {
  it('has failed where they would be refused again', () => {
    const failed = refusedFleet([fleet({ 'it was reset': 9, 'refused: bad user name or password': 2 })])
    expect(failed?.failure).toMatchObject({
      because: 'it was refused',
      what: 'fleets.meters: not all of its clients came online',
      received: 'refused: bad user name or password; 19 of 30 are online',
    })
  })

  it('is waited for where they may be let in later, and where all are online', () => {
    expect(refusedFleet([fleet({ 'refused: server unavailable': 11 })])).toBeUndefined()
    expect(refusedFleet([fleet({ 'refused: banned': 11 }, { online: 30 })])).toBeUndefined()
  })
})

describe('who is not online in time', () => {
  it('was refused where that is what they met most', () => {
    const errors = { 'it was reset': 1, 'refused: server unavailable': 11 }
    const error = notOnline([], [fleet(errors)], { over: 'timeout', ms: 5000 })
    expect(error).toBeInstanceOf(DeviceFailed)
    expect(error.message).toMatch(
      /^not all clients of fleets\.meters came online within 5 s: refused: server unavailable/,
    )
  })

  it('is told with what it does, and that more time can be given where the time was given', () => {
    const waiting = [device('online', ''), device('connecting', 'connection refused')]
    expect(notOnline(waiting, [], { over: 'timeout', ms: 5000 })).toMatchObject({
      code: 'script-timeout',
      message:
        "pump did not come online within 5 s: it is connecting (connection refused); a longer 'timeout' gives it more time",
    })
    expect(notOnline([], [fleet({})], { over: 'patience', ms: 30_000 })).toMatchObject({
      code: 'connection-closed',
      message: '19 of 30 clients of fleets.meters came online, and none more within 30 s',
    })
  })
})
