import type { DeviceState } from '../../../app/device/device-snapshot.ts'
import type { ClientView } from '../../state/clients.ts'
import type { FleetGroup } from '../../state/fleets.ts'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatPlural, formatSpan } from '../../ui/format.ts'
import type { ClientWords } from './client-words.ts'

export type CountTone = 'plain' | 'amber' | 'red'

export interface CountWords {
  readonly text: string
  readonly tone: CountTone
}

const tones: Partial<Record<DeviceState, CountTone>> = {
  'script error': 'red',
  'power lost': 'red',
  'backing off': 'amber',
}

/** `meter ×40` */
export function fleetName({ name, wanted }: FleetGroup): string {
  return `${name} ×${formatCount(wanted)}`
}

/** How many are in which state, and how far the fleet is from what it shall be. */
export function fleetCounts(group: FleetGroup): CountWords[] {
  const { fleet, states, wanted, members } = group
  if (fleet?.error !== undefined) return [{ text: fleet.error.message, tone: 'red' }]
  const counts = states.map(({ state, count }) => ({
    text: state === 'script error' ? formatPlural(count, state) : `${formatCount(count)} ${state}`,
    tone: tones[state] ?? ('plain' as const),
  }))
  const present = fleet?.present ?? members.length
  if (present !== wanted)
    counts.push({ text: `${formatCount(present)} of ${formatCount(wanted)} there`, tone: 'plain' })
  return counts.length === 0 ? [{ text: 'nobody', tone: 'plain' }] : counts
}

/** The worst that is the matter with any of them. */
export function fleetDot({ fleet, states, online }: FleetGroup): DotTone {
  const some = (...wanted: DeviceState[]) => states.some(({ state }) => wanted.includes(state))
  if (fleet?.error !== undefined || some('script error', 'power lost')) return 'red'
  if (some('backing off', 'connecting', 'booting')) return 'amber'
  return online > 0 ? 'green' : 'grey'
}

/** A client of a load fleet has no script of its own to tell of. */
export function describeLoadClient({ connection, session }: ClientView, now: number): ClientWords {
  if (connection?.open === true) {
    return { dot: 'green', line: `load client · ${connection.remote}`, chip: undefined, connected: true }
  }
  if (session?.connected === true) return { dot: 'green', line: 'load client', chip: undefined, connected: true }
  const gone = session === undefined ? '' : ` · gone ${formatSpan(now - session.since)} ago`
  return { dot: 'grey', line: `load client${gone}`, chip: undefined, connected: false }
}
