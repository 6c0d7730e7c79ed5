import { describe, expect, it } from 'vitest'
import { failuresOf, runnersOf } from '../../../../../renderer/features/bench/script-runners.ts'
import { populate } from '../../../../../renderer/state/fleets.ts'
import { deviceOf, fleetError, fleetOf, loadFleet } from '../../fleet-views.ts'

const script = 'devices/meter.device.ts'
const error = { message: 'no oil', file: script, line: 7, column: 3 }

function there(devices: ReturnType<typeof deviceOf>[], fleets: ReturnType<typeof fleetOf>[]) {
  return populate({
    devices: new Map(devices.map((device) => [device.id, device])),
    sessions: new Map(),
    connections: new Map(),
    fleets: new Map(fleets.map((fleet) => [fleet.id, fleet])),
  })
}

describe('who runs a script', () => {
  it('is counted by state, devices and load clients apart, and nobody of another script', () => {
    const population = there(
      [
        deviceOf('meter-1', 'meter'),
        deviceOf('meter-2', 'meter', { state: 'backing off' }),
        deviceOf('pump', 'pump', { script: 'devices/pump.device.ts' }),
      ],
      [
        fleetOf('meter'),
        loadFleet('load', { present: 7, online: 5 }),
        loadFleet('other', { script: 'devices/x.device.ts' }),
      ],
    )
    expect(runnersOf(population, script)).toEqual({
      devices: [
        { state: 'online', count: 1 },
        { state: 'backing off', count: 1 },
      ],
      clients: [
        { state: 'online', count: 5 },
        { state: 'connecting', count: 2 },
      ],
    })
  })
})

describe('where a script has failed', () => {
  it('is told of each device', () => {
    const population = there(
      [deviceOf('meter-1', 'meter', { error }), deviceOf('meter-2', 'meter')],
      [fleetOf('meter')],
    )
    expect(failuresOf(population, script)).toEqual([{ device: 'meter-1', message: 'no oil', line: 7, column: 3 }])
    expect(failuresOf(population, 'devices/pump.device.ts')).toEqual([])
  })

  it('is told of a fleet that has nobody to show it', () => {
    const population = there([], [loadFleet('load', { error: fleetError('bad option') })])
    expect(failuresOf(population, script)).toEqual([{ device: 'load', message: 'bad option', line: 4, column: 3 }])
  })

  it('is told once where a device of the fleet shows it, and not for what is no fault of the script', () => {
    const failed = deviceOf('meter-1', 'meter', { state: 'script error', error })
    const shown = there([failed], [fleetOf('meter', { error: fleetError('no oil') })])
    expect(failuresOf(shown, script)).toHaveLength(1)
    const lost = there([], [loadFleet('load', { error: { ...fleetError('gone'), trouble: 'process' } })])
    expect(failuresOf(lost, script)).toEqual([])
  })
})
