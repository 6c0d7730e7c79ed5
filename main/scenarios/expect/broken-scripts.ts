import type { Place } from '../../../app/scenario/report.ts'
import type { Ground } from './ground.ts'

/** So many devices are named that have failed in the same way. */
const mostNames = 3

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
 * All of them, those that failed in the same way as one. What a `toFail` has found, or what the scenario asked for by `crash`,
 * is none of it; nor is what happens to a device once more that a `toFail` has found.
 */
export function brokenScripts({ lives, spent }: Ground): BrokenScripts[] {
  const alike = new Map<string, Omit<BrokenScripts, 'what' | 'expected'> & { readonly ids: Set<string> }>()
  for (const [id, failures] of lives.allFailures()) {
    const found = spent.failures.get(id) ?? 0
    const known = new Set(failures.filter(({ at }) => at <= found).map(({ message }) => message))
    for (const { asked, at, message, place } of failures) {
      if (asked || at <= found || known.has(message)) continue
      const key = JSON.stringify([message, place])
      const same = alike.get(key) ?? { message, place, at, ids: new Set() }
      alike.set(key, same)
      same.ids.add(id)
    }
  }
  return [...alike.values()].map(({ ids, ...failure }) => ({ ...named([...ids]), ...failure }))
}

function named(ids: readonly string[]): Pick<BrokenScripts, 'what' | 'expected'> {
  const [first = ''] = ids
  const expected = `it to run without an error, or expect(${first}).toFail() to have found it`
  if (ids.length === 1) return { what: `the script of ${first} has failed`, expected }
  const more = ids.length - mostNames
  const shown = ids.slice(0, mostNames).join(', ')
  return { what: `the scripts of ${shown}${more > 0 ? ` and ${more} more` : ''} have failed`, expected }
}
