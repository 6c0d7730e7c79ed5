import type { ConnectionSnapshot, EventValue } from '../../app/contract/contract.ts'

export type Device = EventValue<'devices.changed'>['changed'][number]
export type Session = EventValue<'sessions.changed'>['changed'][number]

/** Somebody at the broker: a device of the workspace, or an outside client. */
export interface ClientView {
  /** Stays the same over reconnects. */
  readonly key: string
  readonly name: string
  /** Undefined for an outside connection that has not sent its CONNECT. */
  readonly clientId: string | undefined
  /** Undefined for an outside client. */
  readonly device: Device | undefined
  readonly session: Session | undefined
  /** The newest Network Connection, where the workbench still knows it. */
  readonly connection: ConnectionSnapshot | undefined
}

/** The key of whoever has this Client Identifier. */
export function keyOfClient(devices: Iterable<Device>, clientId: string): string {
  for (const device of devices) if (device.clientId === clientId) return deviceKey(device.id)
  return `client ${clientId}`
}

export function deviceKey(id: string): string {
  return `device ${id}`
}

/** Everybody at the broker, with what is known of each one's session and connection: the devices in their order, outside clients in none. */
export function joinClients(
  devices: Iterable<Device>,
  sessions: ReadonlyMap<string, Session>,
  connections: Iterable<ConnectionSnapshot>,
): { inside: ClientView[]; outside: ClientView[] } {
  const { newest, nameless } = sortConnections(connections, sessions)
  const own = new Set<string>()
  const inside: ClientView[] = []
  for (const device of devices) {
    const { id, clientId } = device
    own.add(clientId)
    inside.push({
      key: deviceKey(id),
      name: id,
      clientId,
      device,
      // The sessions that are known are those of our own broker.
      session: device.target === '' ? sessions.get(clientId) : undefined,
      connection: newest.get(clientId),
    })
  }
  const outside: ClientView[] = []
  for (const clientId of new Set([...sessions.keys(), ...newest.keys()])) {
    const session = sessions.get(clientId)
    const connection = newest.get(clientId)
    // A connection that is closed and left no session is history.
    const isHistory = session === undefined || (isOver(session) && session.will?.state !== 'published')
    if (own.has(clientId) || (isHistory && connection?.open !== true)) continue
    outside.push({ key: `client ${clientId}`, name: clientId, clientId, device: undefined, session, connection })
  }
  for (const connection of nameless) {
    const name = `connection ${connection.id}`
    outside.push({ key: name, name, clientId: undefined, device: undefined, session: undefined, connection })
  }
  return { inside, outside }
}

function isOver({ connected, expiry }: Session): boolean {
  return !connected && expiry === 0
}

/** The newest connection of each client, and those that are open and of nobody known. */
function sortConnections(connections: Iterable<ConnectionSnapshot>, sessions: ReadonlyMap<string, Session>) {
  // A client that sends an empty Client Identifier is given one by the broker, which its session knows [MQTT-3.1.3-6].
  const given = new Map<number, string>()
  for (const session of sessions.values()) given.set(session.connection, session.clientId)
  const newest = new Map<string, ConnectionSnapshot>()
  const nameless: ConnectionSnapshot[] = []
  for (const connection of connections) {
    const clientId = connection.clientId || given.get(connection.id)
    if (clientId === undefined || clientId === '') {
      if (connection.open) nameless.push(connection)
      continue
    }
    const other = newest.get(clientId)
    if (other === undefined || isNewer(connection, other)) newest.set(clientId, connection)
  }
  return { newest, nameless }
}

/** An open one counts more than a closed one: after a refused takeover the newest may be the one that is gone. */
function isNewer(one: ConnectionSnapshot, other: ConnectionSnapshot): boolean {
  return one.open === other.open ? one.id > other.id : one.open
}

const collator = new Intl.Collator('en', { numeric: true })

/** Numbers in names count as numbers. */
export function sortByName(clients: ClientView[]): ClientView[] {
  return clients.sort((a, b) => collator.compare(a.name, b.name))
}
