import { ownFailures } from '../../../app/device/fleet.ts'
import type { Place } from '../../../app/scenario/report.ts'
import type { Ground } from './ground.ts'

/** So many devices are named that have failed in the same way. */
const mostNames = 3

/** What is expected of a load fleet. */
export const brokenFleet = 'all of its clients to run without an error'

/** What the scripts of devices have failed with although nobody has expected it. */
export interface BrokenScripts {
  /** Such as `the script of valve-01 has failed`. */
  readonly what: string
  /** What would have been right. */
  readonly expected: string
  readonly message: string
  readonly place: Place | undefined
  /** Wall time in milliseconds since 1970. */
  readonly at: number
}

/**
 * All of them, those that failed at the same place as one. What a `toFail` has found, or what the scenario asked for by
 * `crash`, is none of it; nor is what happens to a device once more that a `toFail` has found.
 */
export function brokenScripts(ground: Ground): BrokenScripts[] {
  return [...brokenDevices(ground), ...brokenFleets(ground)]
}

/** What failed at one place of a script, or where that is not known with the same words. */
interface Alike extends Pick<BrokenScripts, 'place' | 'at'> {
  readonly ids: Set<string>
  /** What was said, the first first, and how often. */
  readonly messages: Map<string, number>
}

function brokenDevices({ lives, spent }: Ground): BrokenScripts[] {
  const alike = new Map<string, Alike>()
  for (const [id, failures] of lives.allFailures()) {
    const found = spent.failures.get(id) ?? 0
    const known = new Set(failures.filter(({ number }) => number <= found).map(({ message }) => message))
    for (const { asked, at, message, number, place } of failures) {
      if (asked || number <= found || known.has(message)) continue
      const key = JSON.stringify(place ?? message)
      const same = alike.get(key) ?? { place, at, ids: new Set(), messages: new Map() }
      alike.set(key, same)
      same.ids.add(id)
      same.messages.set(message, (same.messages.get(message) ?? 0) + 1)
    }
  }
  return [...alike.values()].map(({ at, ids, messages, place }) => {
    return { ...brokenNames([...ids]), message: counted(messages, ids.size), place, at }
  })
}

/** Load fleets have no devices: their clients fail by what the script says of all of them. */
function brokenFleets({ bench, clock }: Ground): BrokenScripts[] {
  return bench.fleets.list().flatMap((fleet) => {
    const { error, id, kind, script } = fleet
    const reasons = ownFailures(fleet)
    const messages = new Map(reasons.map(({ message, times }) => [message, times]))
    if (kind === 'load' && error !== undefined) messages.set(error.message, 1)
    if (messages.size === 0) return []
    const what =
      reasons.some(({ byScript }) => byScript) || error?.trouble === 'script' ? 'the script of' : 'the load fleet'
    return {
      what: `${what} fleets.${id} has failed`,
      expected: brokenFleet,
      message: `${counted(messages)} (${script})`,
      place: undefined,
      at: clock.now(),
    }
  })
}

/**
 * Such as `it jams, 51 times, with 2 different texts`.
 *
 * @param devices how many are named beside it: once for each of them goes without saying
 */
function counted(messages: ReadonlyMap<string, number>, devices = 1): string {
  const [first = ''] = messages.keys()
  const times = [...messages.values()].reduce((sum, each) => sum + each, 0)
  const often = times === devices ? '' : `, ${times} times`
  return `${first}${often}${messages.size === 1 ? '' : `, with ${messages.size} different texts`}`
}

/** Devices whose scripts have failed alike. */
export function brokenNames(ids: readonly string[]): Pick<BrokenScripts, 'what' | 'expected'> {
  const [first = ''] = ids
  const expected = `${ids.length === 1 ? 'it' : 'each'} to run without an error, or expect(${first}).toFail() to have found it`
  if (ids.length === 1) return { what: `the script of ${first} has failed`, expected }
  const more = ids.length - mostNames
  const shown = ids.slice(0, mostNames).join(', ')
  return { what: `the scripts of ${shown}${more > 0 ? ` and ${more} more` : ''} have failed`, expected }
}
