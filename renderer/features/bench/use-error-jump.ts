import { useEffect, useRef } from 'react'
import type { Device } from '../../state/clients.ts'
import type { Population } from '../../state/fleets.ts'
import type { ScriptDocuments } from '../../state/script-documents.ts'
import type { Place } from './editor-host.tsx'

/**
 * How long after it was saved a script may fail so that it looks like a consequence, in milliseconds: a machine with much
 * to do takes its time to start a fleet anew.
 */
const consequence = 30_000

/** A script that was saved, and what had failed before. */
interface Saved {
  readonly path: string
  readonly text: string | undefined
  readonly at: number
  readonly failed: ReadonlySet<string>
}

/**
 * Goes to the line at which a script fails right after it was saved, on a device or as that of a fleet, if it is still
 * shown and nobody types in it. Once for each time it is saved: whoever looks at something else then is left in peace.
 */
export function useErrorJump(options: {
  readonly documents: ScriptDocuments
  readonly population: Population
  readonly path: string | undefined
  readonly goTo: (place: Place) => void
}): void {
  const { documents, population, path, goTo } = options
  const saved = useRef<Saved | undefined>(undefined)
  const latest = useRef(population)
  latest.current = population
  useEffect(() => {
    const subscription = documents.onSaving((saving) => {
      const text = documents.get(saving)?.text
      const failed = new Set(failures(latest.current).map(({ name }) => name))
      saved.current = { path: saving, text, at: performance.now(), failed }
    })
    return () => subscription.dispose()
  }, [documents])
  useEffect(() => {
    const waiting = saved.current
    if (waiting === undefined) return
    const left = waiting.path !== path || documents.get(waiting.path)?.text !== waiting.text
    const failed = newFailure(population, waiting)
    if (failed === undefined && !left && performance.now() - waiting.at < consequence) return
    saved.current = undefined
    if (failed !== undefined && !left) goTo(failed)
  }, [population, documents, path, goTo])
}

interface Failure {
  /** The same for as long as it is the same failure. */
  readonly name: string
  readonly error: NonNullable<Device['error']>
}

function failures({ byId, groups }: Pick<Population, 'byId' | 'groups'>): Failure[] {
  const found: Failure[] = []
  for (const { id, since, error } of byId.values()) {
    if (error !== undefined) found.push({ name: `device ${id} ${since}`, error })
  }
  for (const { key, fleet } of groups.values()) {
    const error = fleet?.error
    // A fleet does not say since when: what stands there already is no news.
    if (error?.trouble === 'script') found.push({ name: JSON.stringify([key, error]), error })
  }
  return found
}

/** Where something failed that had not failed, or had failed at another time, when the script was saved. */
function newFailure(population: Population, { path, failed }: Saved): Place | undefined {
  for (const { name, error } of failures(population)) {
    // Where it fails in another file, the text under the cursor stays: the error's card leads there.
    if (error.line === undefined || error.file !== path || failed.has(name)) continue
    return { path: error.file, line: error.line, column: error.column ?? 1 }
  }
  return undefined
}
