import type { ConnectionSnapshot } from '../../../app/contract/contract.ts'
import type { ClientView, Device, Session } from '../../../renderer/state/clients.ts'
import type { Fleet, FleetGroup } from '../../../renderer/state/fleets.ts'

/** Devices, fleets and groups for tests, with everything that they do not care about. */

export function deviceOf(id: string, fleet: string, more: Partial<Device> = {}): Device {
  return {
    id,
    clientId: id,
    script: 'devices/meter.device.ts',
    state: 'online',
    reason: '',
    since: 1,
    attempts: 0,
    fleet,
    target: '',
    faults: [],
    ...more,
  }
}

export function fleetOf(id: string, more: Partial<Fleet> = {}): Fleet {
  const fleet = { id, kind: 'scripted' as const, script: 'devices/meter.device.ts', target: '' }
  return { ...fleet, wanted: 2, present: 2, online: 2, written: { count: 2 }, ...more }
}

export function loadFleet(id: string, more: Partial<Fleet> = {}): Fleet {
  const settings = { topic: 'load/{id}', everyMs: 1000, payload: '{"n":{n}}', qos: 1 as const, retain: false }
  return fleetOf(id, {
    kind: 'load',
    wanted: 200,
    present: 200,
    online: 200,
    settings,
    written: { count: 200, settings },
    ...more,
  })
}

export function fleetError(message: string): NonNullable<Fleet['error']> {
  return { trouble: 'script', message, file: 'devices/meter.device.ts', line: 4, column: 3 }
}

export function connectionOf(id: number, clientId: string): ConnectionSnapshot {
  return { id, clientId, remote: '127.0.0.1:5000', open: true, since: 1, packets: 0 }
}

export function sessionOf(clientId: string): Session {
  return {
    clientId,
    connected: true,
    connection: 0,
    since: 1,
    protocolVersion: 4,
    clean: true,
    sessionPresent: false,
    keepAlive: 60,
    subscriptions: [],
    queued: 0,
    inflight: 0,
    incoming: 0,
    lost: { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 },
  }
}

export function clientOf(device: Device): ClientView {
  const { id, clientId } = device
  return { key: `device ${id}`, name: id, clientId, device, session: undefined, connection: undefined }
}

export function groupOf(name: string, members: readonly ClientView[], more: Partial<FleetGroup> = {}): FleetGroup {
  const group = { key: `fleet ${name}`, name, kind: 'scripted' as const, fleet: undefined, members }
  return { ...group, wanted: members.length, online: 0, states: [], ...more }
}
