import type { Difference } from './replay-compare.ts'
import { isOfFault } from './replay-faults.ts'

/** What a replay has shown. All of it is JSON. */
export interface ReplayReport {
  /** The name of the recording. */
  readonly recording: string
  /** URL of another broker; empty for one of its own. */
  readonly target: string
  readonly speed: number | 'max'
  readonly seed: string | number
  readonly connections: readonly ReplayedClient[]
  /** What of the recording could not be replayed, or not as it was, in sentences. */
  readonly notes: readonly string[]
  /** How long it took. */
  readonly seconds: number
  /** Somebody stopped it before its end: it says nothing about what was not played. */
  readonly stopped: boolean
}

/** One Network Connection of the recording, once more. */
export interface ReplayedClient {
  /** Its number in the recording. */
  readonly connection: number
  /** Empty where it came without one. */
  readonly clientId: string
  /** Packets that it sent now, and those of the recording that it could not send: its connection was gone, or what they answer did not come. */
  readonly sent: number
  readonly unsent: number
  /** Packets that came to it. */
  readonly received: number
  /** How its connection ended, then and now, in words. */
  readonly end: { readonly recorded: string; readonly replayed: string }
  readonly differences: readonly Difference[]
}

export interface DifferenceCounts {
  readonly all: number
  /** The reason is known not to be the broker. */
  readonly explained: number
  /** Of these, what comes from faults of the time of the recording: faults are not repeated. */
  readonly ofFaults: number
}

export function countDifferences({ connections }: Pick<ReplayReport, 'connections'>): DifferenceCounts {
  const all = connections.flatMap(({ differences }) => differences)
  const explained = all.filter(({ because }) => because !== undefined)
  return {
    all: all.length,
    explained: explained.length,
    ofFaults: explained.filter(({ because }) => isOfFault(because)).length,
  }
}

/** The same difference at several connections. */
export interface SharedDifference {
  readonly difference: Difference
  /** Their numbers, each once. */
  readonly connections: readonly number[]
  /** How often it is there, at all of them. */
  readonly times: number
}

/** What is the same at two connections or more, what concerns most of them first. */
export function sharedDifferences({ connections }: Pick<ReplayReport, 'connections'>): SharedDifference[] {
  const found = new Map<string, { difference: Difference; connections: Set<number>; times: number }>()
  for (const { connection, differences } of connections) {
    for (const difference of differences) {
      const key = keyOf(difference)
      const same = found.get(key) ?? { difference, connections: new Set(), times: 0 }
      found.set(key, same)
      same.connections.add(connection)
      same.times += 1
    }
  }
  return [...found.values()]
    .filter((each) => each.connections.size > 1)
    .map((each) => ({ ...each, connections: [...each.connections] }))
    .toSorted((a, b) => b.connections.length - a.connections.length)
}

/** Those of one connection that no other one has. @param shared what `sharedDifferences` gives */
export function ownDifferences(
  differences: readonly Difference[],
  shared: readonly SharedDifference[],
): readonly Difference[] {
  const keys = new Set(shared.map(({ difference }) => keyOf(difference)))
  return differences.filter((difference) => !keys.has(keyOf(difference)))
}

function keyOf({ because = '', field, is, recorded, replayed, what }: Difference): string {
  return JSON.stringify([is, what, field, recorded, replayed, because])
}

/** One difference in a line, such as `PUBLISH to plant/a "21": QoS was 1, is 0`. */
export function describeDifference({ because, field, is, recorded, replayed, what }: Difference): string {
  const why = because === undefined ? '' : ` (${because})`
  if (is === 'missing') return `missing: ${what}${why}`
  if (is === 'extra') return `extra: ${what}${why}`
  if (is === 'order') return `order: ${what} was ${recorded}, is ${replayed}${why}`
  return `changed: ${what}: ${field === '' ? '' : `${field} `}was ${recorded}, is ${replayed}${why}`
}
