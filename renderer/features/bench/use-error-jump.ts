import { useEffect, useRef } from 'react'
import type { Device } from '../../state/clients.ts'
import type { ScriptDocuments } from '../../state/script-documents.ts'
import type { Place } from './editor-host.tsx'

/** How long after it was saved a script may fail so that it looks like a consequence, in milliseconds. */
const consequence = 10_000

/** A script that was saved, and since when each device that had failed before was in that state. */
interface Saved {
  readonly path: string
  readonly text: string | undefined
  readonly at: number
  readonly failedSince: ReadonlyMap<string, number>
}

/**
 * Goes to the line at which a script fails right after it was saved, if it is still shown and nobody types in it. Once
 * for each time it is saved: whoever looks at something else then is left in peace.
 */
export function useErrorJump(options: {
  readonly documents: ScriptDocuments
  readonly devices: ReadonlyMap<string, Device>
  readonly path: string | undefined
  readonly goTo: (place: Place) => void
}): void {
  const { documents, devices, path, goTo } = options
  const saved = useRef<Saved | undefined>(undefined)
  const latest = useRef(devices)
  latest.current = devices
  useEffect(() => {
    const subscription = documents.onSaving((saving) => {
      const text = documents.get(saving)?.text
      saved.current = { path: saving, text, at: performance.now(), failedSince: failures(latest.current) }
    })
    return () => subscription.dispose()
  }, [documents])
  useEffect(() => {
    const waiting = saved.current
    if (waiting === undefined) return
    const left = waiting.path !== path || documents.get(waiting.path)?.text !== waiting.text
    const failed = newFailure(devices, waiting)
    if (failed === undefined && !left && performance.now() - waiting.at < consequence) return
    saved.current = undefined
    if (failed !== undefined && !left) goTo(failed)
  }, [devices, documents, path, goTo])
}

function failures(devices: ReadonlyMap<string, Device>): ReadonlyMap<string, number> {
  const since = new Map<string, number>()
  for (const device of devices.values()) if (device.error !== undefined) since.set(device.id, device.since)
  return since
}

/** Where a device failed that had not failed, or had failed at another time, when the script was saved. */
function newFailure(devices: ReadonlyMap<string, Device>, { path, failedSince }: Saved): Place | undefined {
  for (const { id, since, error } of devices.values()) {
    if (error?.line === undefined || failedSince.get(id) === since) continue
    // Where it fails in another file, the text under the cursor stays: the device's error leads there.
    if (error.file === path) return { path: error.file, line: error.line, column: error.column ?? 1 }
  }
  return undefined
}
