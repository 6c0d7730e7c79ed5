import type { Device } from '../../state/clients.ts'
import { countStates, type Population, type StateCount } from '../../state/fleets.ts'
import type { ScriptFailure } from './monaco/script-models.ts'

/** Devices and load clients that run a script, by state. */
export function runnersOf(
  { byId, groups }: Pick<Population, 'byId' | 'groups'>,
  path: string,
): { readonly devices: StateCount[]; readonly clients: StateCount[] } {
  const devices: Device[] = []
  for (const device of byId.values()) if (device.script === path) devices.push(device)
  const clients = { online: 0, connecting: 0 }
  for (const { fleet } of groups.values()) {
    if (fleet?.kind !== 'load' || fleet.script !== path) continue
    clients.online += fleet.online
    clients.connecting += Math.max(0, fleet.present - fleet.online)
  }
  const states = (['online', 'connecting'] as const).map((state) => ({ state, count: clients[state] }))
  return { devices: countStates(devices), clients: states.filter(({ count }) => count > 0) }
}

/** Where mistakes in this file have stopped a device, or a fleet as a whole. */
export function failuresOf({ byId, groups }: Pick<Population, 'byId' | 'groups'>, path: string | undefined) {
  const failures: ScriptFailure[] = []
  for (const { id, error } of byId.values()) {
    if (error === undefined || error.file !== path) continue
    failures.push({ device: id, message: error.message, line: error.line, column: error.column })
  }
  for (const { name, fleet, members } of groups.values()) {
    const error = fleet?.error
    if (error?.trouble !== 'script' || error.file !== path) continue
    // The one device that is started to show it has told of it already.
    if (members.some(({ device }) => device?.error !== undefined)) continue
    failures.push({ device: name, message: error.message, line: error.line, column: error.column })
  }
  return failures
}
