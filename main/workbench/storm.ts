import type { Clock } from '../../app/base/clock.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { deviceId } from '../../app/device/device-id.ts'
import type { DeviceSnapshot } from '../../app/device/device-snapshot.ts'
import type { Devices } from '../devices/devices.ts'
import type { Fleets } from '../devices/fleets.ts'
import type { Wire } from '../link/wire.ts'

/** How long a device may take to notice that its connection was reset, in milliseconds. */
const longestFall = 5000

/**
 * Resets the connections of all that are online in a group, at the same time.
 *
 * @param options.reconnect `all at once`: as soon as the last of the devices has noticed, all of them are told to connect;
 * else they come back as they would. Clients of a load fleet always do.
 * @throws FaultlineError `not-found`
 */
export async function storm(options: {
  readonly clock: Clock
  readonly group: string
  readonly reconnect: 'all at once' | 'as scripted'
  readonly devices: Devices
  readonly fleets: Fleets
  readonly wire: Pick<Wire, 'cutAll'>
}): Promise<void> {
  const { clock, devices, fleets, group, reconnect, wire } = options
  const fleet = fleets.list().find(({ id }) => id === group)
  if (fleet === undefined) throw new FaultlineError({ code: 'not-found', message: `there is no group '${group}'` })
  if (fleet.kind === 'load') {
    const ids = Array.from({ length: fleet.present }, (_, i) => deviceId(group, fleet.written.count, i + 1))
    wire.cutAll(new Set(ids), 'rst')
    return
  }
  const online = devices.list().filter((device) => device.fleet === group && device.state === 'online')
  wire.cutAll(new Set(online.flatMap(({ clientId }) => (clientId === '' ? [] : [clientId]))), 'rst')
  if (reconnect === 'as scripted' || online.length === 0) return
  const fallen = await allFallen(clock, devices, online)
  await Promise.all(fallen.map((id) => connect(devices, id)))
}

/** Gives the ids of those that have noticed. A program that stands still does not: the others do not wait for it for ever. */
function allFallen(clock: Clock, devices: Devices, online: readonly DeviceSnapshot[]): Promise<string[]> {
  return new Promise((resolve) => {
    const waiting = new DisposableStore()
    const standing = new Map(online.map((device) => [device.id, device]))
    const fallen: string[] = []
    const done = () => {
      waiting.dispose()
      resolve(fallen)
    }
    waiting.add(clock.after(longestFall, done))
    waiting.add(
      devices.onChanged(({ changed, removed }) => {
        for (const device of changed) {
          if (!hasFallen(device, standing.get(device.id))) continue
          standing.delete(device.id)
          fallen.push(device.id)
        }
        for (const id of removed) standing.delete(id)
        if (standing.size === 0) done()
      }),
    )
  })
}

function hasFallen(device: DeviceSnapshot, before: DeviceSnapshot | undefined): boolean {
  return before !== undefined && (device.state !== before.state || device.since !== before.since)
}

/** One that has come back by itself, or cannot, is left alone. */
async function connect(devices: Devices, id: string): Promise<void> {
  try {
    await devices.act(id, 'connect')
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'wrong-state') throw error
  }
}
