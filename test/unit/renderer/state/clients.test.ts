import { describe, expect, it } from 'vitest'
import type { ConnectionSnapshot } from '../../../../app/contract/contract.ts'
import { type Device, joinClients, keyOfClient, type Session, sortByName } from '../../../../renderer/state/clients.ts'

const since = 1_700_000_000_000

function device(id: string, clientId = id): Device {
  const rest = { fleet: id, target: '', faults: [] }
  return { id, clientId, script: 'devices/pump.device.ts', state: 'online', reason: '', since, attempts: 0, ...rest }
}

function session(clientId: string, more: Partial<Session> = {}): Session {
  return {
    clientId,
    connected: true,
    connection: 0,
    since,
    protocolVersion: 4,
    clean: true,
    sessionPresent: false,
    keepAlive: 60,
    subscriptions: [],
    queued: 0,
    inflight: 0,
    incoming: 0,
    lost: { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 },
    ...more,
  }
}

function connection(id: number, clientId?: string, more: Partial<ConnectionSnapshot> = {}): ConnectionSnapshot {
  return { id, clientId, remote: `127.0.0.1:${id}`, open: true, since, packets: 0, ...more }
}

function list(devices: Device[], sessions: Session[], connections: ConnectionSnapshot[]) {
  const { inside, outside } = joinClients(devices, new Map(sessions.map((one) => [one.clientId, one])), connections)
  return [...inside, ...sortByName(outside)]
}

describe('joinClients', () => {
  it('keeps devices in the order of the workspace, and sorts outside clients by name', () => {
    const clients = list(
      [device('pump-02'), device('meter-01')],
      [session('sub-10'), session('sub-9'), session('pump-02')],
      [],
    )
    expect(clients.map(({ name }) => name)).toEqual(['pump-02', 'meter-01', 'sub-9', 'sub-10'])
  })

  it('knows no session of a device whose broker is another one', () => {
    const away = { ...device('pump'), target: 'mqtt://broker.example' }
    const [client] = list([away], [session('pump')], [connection(4, 'pump')])
    expect(client).toMatchObject({ name: 'pump', session: undefined, connection: { id: 4 } })
  })

  it('joins a device with its session and connection by Client Identifier', () => {
    const [client] = list([device('pump', 'plant-pump')], [session('plant-pump')], [connection(4, 'plant-pump')])
    expect(client).toMatchObject({ name: 'pump', session: { clientId: 'plant-pump' }, connection: { id: 4 } })
  })

  it('takes the open connection of a client, and the newest of several', () => {
    const connections = [connection(1, 'a', { open: false }), connection(2, 'a'), connection(3, 'a', { open: false })]
    expect(list([], [], connections)[0]?.connection?.id).toBe(2)
    expect(list([], [], [connection(5, 'a'), connection(6, 'a')])[0]?.connection?.id).toBe(6)
  })

  it('leaves out an outside client that is gone and left nothing', () => {
    expect(list([], [], [connection(1, 'gone', { open: false })])).toEqual([])
    expect(list([], [session('gone', { connected: false })], [connection(1, 'gone', { open: false })])).toHaveLength(1)
    const over = { connected: false, expiry: 0, endReason: 'its Session was ended by you' }
    expect(list([], [session('gone', over)], [])).toEqual([])
    const none = { topic: 't', payload: new Uint8Array(), qos: 0, retain: false, delay: 0, since } as const
    expect(list([], [session('gone', { ...over, will: { ...none, state: 'published' } })], [])).toHaveLength(1)
    expect(list([], [session('gone', { ...over, will: { ...none, state: 'dropped' } })], [])).toEqual([])
  })

  it('shows an open connection that has not said who it is', () => {
    expect(list([], [], [connection(7)])).toMatchObject([{ name: 'connection 7', clientId: undefined }])
    expect(list([], [], [connection(7, undefined, { open: false })])).toEqual([])
  })

  it('finds the name that the broker gave to a client without one', () => {
    const clients = list([], [session('given-1', { connection: 8 })], [connection(8, '')])
    expect(clients).toMatchObject([{ name: 'given-1', connection: { id: 8 } }])
  })
})

describe('keyOfClient', () => {
  it('is the same key as in the list, for devices and for others', () => {
    const devices = [device('pump', 'plant-pump')]
    const keys = list(devices, [session('sub')], []).map(({ key }) => key)
    expect([keyOfClient(devices, 'plant-pump'), keyOfClient(devices, 'sub')]).toEqual(keys)
  })
})
