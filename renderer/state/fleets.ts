import type { ConnectionSnapshot, EventValue } from '../../app/contract/contract.ts'
import type { DeviceState } from '../../app/device/device-snapshot.ts'
import { type ClientView, type Device, joinClients, type Session, sortByName } from './clients.ts'

export type Fleet = EventValue<'fleets.changed'>['changed'][number]

/** Devices of one entry of the workspace, or the clients of a load fleet. */
export interface FleetGroup {
  /** Stays the same while the fleet grows and shrinks. */
  readonly key: string
  readonly name: string
  readonly kind: Fleet['kind']
  /** What the workbench says of it; undefined while that has not come. */
  readonly fleet: Fleet | undefined
  readonly members: readonly ClientView[]
  /** How many shall be there: what the row calls it by. */
  readonly wanted: number
  readonly online: number
  /** How many are in each state that any is in; of load clients only `online` and `connecting` are known. */
  readonly states: readonly StateCount[]
}

export interface StateCount {
  readonly state: DeviceState
  readonly count: number
}

/** One entry of the list: somebody alone, or a fleet. */
export type Entry =
  | { readonly kind: 'client'; readonly client: ClientView }
  | { readonly kind: 'fleet'; readonly group: FleetGroup }

export interface Population {
  readonly entries: readonly Entry[]
  /** Every fleet by its key, also a fleet of one. */
  readonly groups: ReadonlyMap<string, FleetGroup>
  readonly byId: ReadonlyMap<string, Device>
  readonly devices: number
  readonly online: number
  readonly outside: number
}

export interface PopulationSources {
  readonly devices: ReadonlyMap<string, Device>
  readonly sessions: ReadonlyMap<string, Session>
  readonly connections: ReadonlyMap<number, ConnectionSnapshot>
  readonly fleets: ReadonlyMap<string, Fleet>
}

export function fleetKey(id: string): string {
  return `fleet ${id}`
}

/**
 * Everybody at the broker, devices of a fleet together: fleets and single devices in the order of the workspace, then
 * outside clients by name. A scripted fleet of one is that device.
 */
export function populate({ devices, sessions, connections, fleets }: PopulationSources): Population {
  const { inside, outside } = joinClients(devices.values(), sessions, connections.values())
  const scripted = byFleet(inside)
  const { load, strangers } = claimLoad(outside, fleets)
  const entries: Entry[] = []
  const groups = new Map<string, FleetGroup>()
  let present = 0
  let online = 0
  for (const name of new Set([...fleets.keys(), ...scripted.keys()])) {
    const fleet = fleets.get(name)
    const group = groupOf(name, fleet, (fleet?.kind === 'load' ? load : scripted).get(name) ?? [])
    online += group.online
    present += presentOf(group)
    groups.set(group.key, group)
    entries.push(entryOf(group))
  }
  for (const client of sortByName(strangers)) entries.push({ kind: 'client', client })
  return { entries, groups, byId: devices, devices: present, online, outside: strangers.length }
}

/** Devices that are there; of load clients the workbench's own count, since a refused one is at no broker. */
function presentOf({ kind, fleet, members }: FleetGroup): number {
  return kind === 'load' ? (fleet?.present ?? members.length) : members.length
}

/** The load fleet that has this client; undefined for anybody else. */
export function loadFleetOf({ groups }: Pick<Population, 'groups'>, client: ClientView): FleetGroup | undefined {
  for (const group of groups.values()) {
    if (group.kind === 'load' && group.members.some(({ key }) => key === client.key)) return group
  }
  return undefined
}

/** Whoever has this key; undefined when nobody has. */
export function findClient({ entries, groups }: Population, key: string): ClientView | undefined {
  for (const entry of entries) if (entry.kind === 'client' && entry.client.key === key) return entry.client
  for (const { members } of groups.values()) {
    const found = members.find((client) => client.key === key)
    if (found !== undefined) return found
  }
  return undefined
}

function entryOf(group: FleetGroup): Entry {
  const [only] = group.members
  const single = group.kind === 'scripted' && group.members.length === 1 && group.wanted === 1
  return single && only !== undefined ? { kind: 'client', client: only } : { kind: 'fleet', group }
}

function groupOf(name: string, fleet: Fleet | undefined, members: readonly ClientView[]): FleetGroup {
  const common = { key: fleetKey(name), name, fleet, members }
  if (fleet?.kind === 'load') {
    const { wanted, online } = fleet
    return { ...common, kind: 'load', wanted, online, states: statesOfLoad(fleet) }
  }
  const states = countStates(members.flatMap(({ device }) => device ?? []))
  const online = states.find(({ state }) => state === 'online')?.count ?? 0
  return { ...common, kind: 'scripted', wanted: fleet?.wanted ?? members.length, online, states }
}

function statesOfLoad({ present, online }: Fleet): StateCount[] {
  const states: StateCount[] = []
  if (online > 0) states.push({ state: 'online', count: online })
  if (present > online) states.push({ state: 'connecting', count: present - online })
  return states
}

/** What is well, what is wrong, then the rest. */
const tellingOrder: readonly DeviceState[] = [
  'online',
  'script error',
  'backing off',
  'power lost',
  'offline',
  'connecting',
  'booting',
  'off',
]

/** In the order in which states are always told, so that nothing moves while numbers change. */
export function countStates(devices: readonly Device[]): StateCount[] {
  const counts = new Map<DeviceState, number>()
  for (const { state } of devices) counts.set(state, (counts.get(state) ?? 0) + 1)
  return tellingOrder.flatMap((state) => {
    const count = counts.get(state)
    return count === undefined ? [] : { state, count }
  })
}

function byFleet(clients: readonly ClientView[]): Map<string, ClientView[]> {
  const fleets = new Map<string, ClientView[]>()
  for (const client of clients) {
    const name = client.device?.fleet ?? client.name
    const members = fleets.get(name)
    if (members === undefined) fleets.set(name, [client])
    else members.push(client)
  }
  return fleets
}

/** Tells clients of load fleets from strangers, by their ids: nothing else on the wire says who made them. */
function claimLoad(outside: readonly ClientView[], fleets: ReadonlyMap<string, Fleet>) {
  const names = [...fleets.values()].flatMap(({ id, kind }) => (kind === 'load' ? { id, parts: id.split('{n}') } : []))
  const load = new Map<string, ClientView[]>()
  if (names.length === 0) return { load, strangers: [...outside] }
  const numbered = new Map<string, { client: ClientView; n: number }[]>(names.map(({ id }) => [id, []]))
  const strangers: ClientView[] = []
  for (const client of outside) {
    const owner = client.clientId === undefined ? undefined : ownerOf(client.clientId, names)
    if (owner === undefined) strangers.push(client)
    else numbered.get(owner.id)?.push({ client, n: owner.n })
  }
  for (const [id, members] of numbered) {
    load.set(
      id,
      members.sort((a, b) => a.n - b.n).map(({ client }) => client),
    )
  }
  return { load, strangers }
}

function ownerOf(clientId: string, names: readonly { id: string; parts: readonly string[] }[]) {
  for (const { id, parts } of names) {
    const n = numberIn(clientId, parts)
    if (n !== undefined) return { id, n }
  }
  return undefined
}

/**
 * The number in a Client Identifier of a fleet: where `{n}` stands in the fleet's name, or else after a `-`; 0 for the
 * name itself. All places have the same number, so that its length is known before anything is compared: strangers choose
 * their identifiers, and a pattern of many places could be made to try for ever.
 *
 * @param parts of the fleet's name, between its places
 */
function numberIn(clientId: string, parts: readonly string[]): number | undefined {
  const [before = ''] = parts
  if (parts.length === 1) {
    if (clientId === before) return 0
    return clientId.startsWith(`${before}-`) ? numberOf(clientId.slice(before.length + 1)) : undefined
  }
  const places = parts.length - 1
  const letters = parts.reduce((sum, part) => sum + part.length, 0)
  const digits = clientId.slice(before.length, before.length + (clientId.length - letters) / places)
  const n = numberOf(digits)
  return n !== undefined && parts.join(digits) === clientId ? n : undefined
}

function numberOf(digits: string): number | undefined {
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined
}
