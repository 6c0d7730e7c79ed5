import type { DeviceState } from './device-snapshot.ts'

/**
 * What moves a device from one state to another.
 * - `power on`: it is started, by somebody, after a reboot, with new code, or because its worker was restarted
 * - `booted`: its script is loaded and it connects
 * - `script fails`: an error of the script, a crash, or a visit that did not come back
 * - `accepted`: CONNACK
 * - `lost`: the connection, or the attempt at one, has ended, and its reconnect policy tries again
 * - `gives up`: as `lost`, where the policy does not try again
 * - `connect`: somebody asks for it, or the time to wait has passed
 * - `connect anew`: its connection is made again, with other credentials
 * - `disconnect`: with DISCONNECT
 * - `power loss`
 * - `switch off`: the workbench is closed, or the device's worker cannot live
 */
export const causes = [
  'power on',
  'booted',
  'script fails',
  'accepted',
  'lost',
  'gives up',
  'connect',
  'connect anew',
  'disconnect',
  'power loss',
  'switch off',
] as const

export type Cause = (typeof causes)[number]

const always = { 'power on': 'booting', 'switch off': 'off' } as const
const alive = { ...always, 'script fails': 'script error', 'power loss': 'power lost' } as const

/** The state machine of a device: for each state, what can happen in it and where that leads. All else cannot happen. */
export const lifecycle: Readonly<Record<DeviceState, Readonly<Partial<Record<Cause, DeviceState>>>>> = {
  off: always,
  booting: { ...alive, booted: 'connecting' },
  connecting: {
    ...alive,
    accepted: 'online',
    lost: 'backing off',
    'gives up': 'offline',
    'connect anew': 'connecting',
    disconnect: 'offline',
  },
  online: {
    ...alive,
    lost: 'backing off',
    'gives up': 'offline',
    'connect anew': 'connecting',
    disconnect: 'offline',
  },
  'backing off': { ...alive, connect: 'connecting', 'connect anew': 'connecting', disconnect: 'offline' },
  // Its script runs on: timers fire, and it can fail.
  offline: { ...alive, connect: 'connecting' },
  // Rebooted without power, it stays without for a while longer.
  'power lost': { ...always, 'power loss': 'power lost' },
  'script error': { ...always, 'power loss': 'power lost' },
}
