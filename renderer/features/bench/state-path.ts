import type { DeviceState } from '../../../app/device/device-snapshot.ts'
import { lifecycle } from '../../../app/device/lifecycle.ts'
import type { DotTone } from '../../ui/dot.tsx'
import { formatWait } from '../../ui/format.ts'
import type { History } from './use-history.ts'

/** One state that a device has been in, as a row says it. */
export interface StateRow {
  /** Counts the states of the device from 1: it names the row. */
  readonly number: number
  readonly time: number
  readonly state: DeviceState
  readonly reason: string
  /** How long it lasted; empty for the state that it is in now. */
  readonly lasted: string
}

/** Newest first. */
export function rowsOf({ entries, dropped }: History): StateRow[] {
  return entries
    .map(({ time, state, reason }, index) => {
      const next = entries[index + 1]
      return { number: dropped + index + 1, time, state, reason, lasted: next ? lastedFor(next.time - time) : '' }
    })
    .reverse()
}

/** `now`: it is in it; `next`: it can come to it in one step while the workbench runs; `far`: it cannot. */
export function nearness(of: DeviceState, current: DeviceState): 'now' | 'next' | 'far' {
  if (of === current) return 'now'
  const { 'switch off': _, ...steps } = lifecycle[current]
  return Object.values(steps).includes(of) ? 'next' : 'far'
}

export const stateTones: Readonly<Record<DeviceState, DotTone>> = {
  off: 'grey',
  booting: 'amber',
  connecting: 'amber',
  online: 'green',
  'backing off': 'amber',
  offline: 'grey',
  'power lost': 'red',
  'script error': 'red',
}

/** The clocks of two threads are read: what comes out below nothing is nothing. */
function lastedFor(ms: number): string {
  return ms < 950 ? `${Math.max(0, Math.round(ms))} ms` : formatWait(ms)
}
