import { useEffect, useState } from 'react'
import type { Captured } from '../../app/capture/captured.ts'
import type { CaptureStore } from './capture-store.ts'

/** A record by its number; it is read from the workbench when it is not here. Undefined until it came, or when it is gone. */
export function useRecord(capture: CaptureStore, number: number | undefined): Captured | undefined {
  const [, setChanges] = useState(0)
  const record = number === undefined ? undefined : capture.record(number)
  const missing = number !== undefined && record === undefined
  useEffect(() => {
    if (!missing) return
    const subscription = capture.onChanged(() => setChanges((changes) => changes + 1))
    capture.look(number, number)
    return () => subscription.dispose()
  }, [capture, number, missing])
  return record
}
