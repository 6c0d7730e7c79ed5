import { useEffect, useState } from 'react'
import type { Result } from '../../../app/contract/contract.ts'
import type { Device } from '../../state/clients.ts'

export type History = Result<'devices.history'>
export type ReadHistory = (id: string) => Promise<History>

/**
 * The states that a device has been in, asked for anew whenever it is in another one: what is told of a device leaves out
 * states that last only a moment.
 */
export function useHistory(device: Device, connected: boolean, read: ReadHistory): History | undefined {
  const [history, setHistory] = useState<{ readonly id: string; readonly value: History } | undefined>(undefined)
  const { id, since, state } = device
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state is what makes it ask again
  useEffect(() => {
    if (!connected) return
    let current = true
    read(id).then(
      (value) => current && setHistory({ id, value }),
      // A device that has just gone has no history; a lost connection is told by its own banner.
      () => current && setHistory(undefined),
    )
    return () => {
      current = false
    }
  }, [id, since, state, connected, read])
  return history?.id === id ? history.value : undefined
}
