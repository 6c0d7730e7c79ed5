import type { DeviceState } from '../device/device-snapshot.ts'
import { matchesClient } from '../faults/client-pattern.ts'
import type { DraftGroup, HandDeed, Sighting } from './hand-deeds.ts'

/** The groups that a drafted scenario has, and its devices. */
export interface DraftDevices {
  readonly groups: readonly DraftGroup[]
  placeOf(id: string): { readonly group: DraftGroup; readonly index: number } | undefined
  /** Of the device with this Client Identifier. */
  idOf(clientId: string): string | undefined
  /** Ids of the devices that a deed is about. */
  concerns(deed: HandDeed): readonly string[]
  /** Which of those that deeds are about were not on, or not connected on purpose, at a moment. */
  before(sightings: readonly Sighting[], at: number): [string, 'off' | 'disconnected'][]
}

/** Those groups of the workspace that somebody did something to; all of them where it was done to none in particular. */
export function devicesOf(all: readonly DraftGroup[], deeds: readonly HandDeed[]): DraftDevices {
  const touched = all.filter((group) => deeds.some((deed) => isAbout(deed, group)))
  const groups = touched.length > 0 ? touched : all
  const places = new Map<string, { group: DraftGroup; index: number }>()
  const ids = new Map<string, string>()
  for (const group of groups) {
    for (const [index, { clientId, id }] of group.devices.entries()) {
      places.set(id, { group, index })
      if (!ids.has(clientId)) ids.set(clientId, id)
    }
  }
  const concerns = (deed: HandDeed) => {
    if (deed.do === 'device') return places.has(deed.id) ? [deed.id] : []
    const clients = clientsOf(deed)
    return clients === undefined
      ? []
      : [...ids].filter(([client]) => matchesClient(clients, client)).map(([, id]) => id)
  }
  return {
    groups,
    placeOf: (id) => places.get(id),
    idOf: (clientId) => ids.get(clientId),
    concerns,
    before(sightings, at) {
      const states = new Map<string, DeviceState>()
      for (const sighting of sightings) {
        if (sighting.saw === 'state' && sighting.at < at) states.set(sighting.id, sighting.state)
      }
      const about = new Set(deeds.flatMap(concerns))
      return [...about].flatMap((id): [string, 'off' | 'disconnected'][] => {
        const state = states.get(id)
        if (state === 'off' || state === 'power lost') return [[id, 'off']]
        return state === 'offline' ? [[id, 'disconnected']] : []
      })
    },
  }
}

function isAbout(deed: HandDeed, { devices, name }: DraftGroup): boolean {
  if (deed.do === 'ramp') return deed.fleet === name
  if (deed.do === 'device') return devices.some(({ id }) => id === deed.id)
  const clients = clientsOf(deed)
  return clients !== undefined && clients !== '*' && devices.some(({ clientId }) => matchesClient(clients, clientId))
}

/** The pattern of Client Identifiers that a deed names. */
function clientsOf(deed: HandDeed): string | undefined {
  switch (deed.do) {
    case 'rule':
      return deed.rule.clients
    case 'cut':
    case 'heal':
      return deed.clients
    case 'refuse':
      return deed.clients
    case 'expire':
      return deed.clientId
    default:
      return undefined
  }
}
