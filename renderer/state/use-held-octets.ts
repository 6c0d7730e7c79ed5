import { useEffect, useState } from 'react'
import { toErrorData } from '../../app/base/errors.ts'
import type { Workbench } from './workbench.ts'

/** All octets of a held packet; undefined until they came, and where there are too many for a screen. */
export function useHeldOctets(workbench: Workbench, packet: number | undefined): Uint8Array | undefined {
  const [answer, setAnswer] = useState<{ readonly packet: number; readonly octets: Uint8Array }>()
  useEffect(() => {
    if (packet === undefined) return
    let wanted = true
    workbench.call('wire.heldOctets', { packet }).then(
      ({ octets, length }) => {
        if (wanted && octets.length === length) setAnswer({ packet, octets })
      },
      (error: unknown) => {
        // It went on between the two: then there is nothing to show.
        if (toErrorData(error).code !== 'not-found') workbench.report(error)
      },
    )
    return () => {
      wanted = false
    }
  }, [workbench, packet])
  return answer?.packet === packet ? answer?.octets : undefined
}
