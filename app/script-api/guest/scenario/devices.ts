import type { DeviceHandle, DeviceStateName } from 'faultline'
import type { DeviceAction } from '../../../device/device-snapshot.ts'
import { milliseconds } from '../../duration.ts'
import type { Ask } from '../../scenario-crossing.ts'
import { type Asks, nothing } from './asks.ts'
import { createParts, type Handles } from './handles.ts'
import { optionalTime, optionsOf, textOf } from './options.ts'

type Settings = Pick<Extract<Ask, { do: 'device' }>, 'offMs' | 'skewMs' | 'certificate'>

/** A device of a scenario: what can be done to it. */
export function createDevice(asks: Asks, handles: Handles, id: string): DeviceHandle {
  const act = (action: DeviceAction, settings: () => Settings = () => ({})) =>
    asks.ask(() => ({ do: 'device', id, action, ...settings() }), nothing)
  const device: DeviceHandle = {
    kind: 'device handle',
    id,
    ...createParts(asks, handles, id),
    powerLoss: () => act('powerLoss'),
    powerOn: () => act('powerOn'),
    reboot: (options) =>
      act('reboot', () => {
        const offMs = optionalTime(optionsOf(options, ['off'], 'reboot(...)')['off'], 'off of reboot')
        return offMs === undefined ? {} : { offMs }
      }),
    crash: () => act('crash'),
    hang: () => act('hang'),
    disconnect: () => act('disconnect'),
    connect: () => act('connect'),
    takeOver: () => act('takeOver'),
    clockSkew: (by) => act('clockSkew', () => ({ skewMs: skewOf(by) })),
    useCertificate: (name) => act('useCertificate', () => ({ certificate: textOf(name, 'the name of a certificate') })),
    wrongPassword: () => act('wrongPassword'),
    heal: () => act('heal'),
    state: () => asks.ask(() => ({ do: 'read', what: 'state', of: id }), String) as Promise<DeviceStateName>,
  }
  return handles.add(device, { is: 'device', id })
}

/** The one length of time that may be negative. */
function skewOf(by: unknown): number {
  const what = 'the time that a clock is ahead'
  if (typeof by === 'number') return by < 0 ? -milliseconds(-by, what) : milliseconds(by, what)
  return typeof by === 'string' && by.startsWith('-') ? -milliseconds(by.slice(1), what) : milliseconds(by, what)
}
