import { useRef, useState } from 'react'
import type { FleetChange } from '../../../app/device/fleet.ts'
import type { Fleet } from '../../state/fleets.ts'
import {
  changedFields,
  cleanDraft,
  countFields,
  type FleetDraft,
  type FleetField,
  type FleetProblems,
  placeRefusal,
  readDraft,
  shownValues,
} from './fleet-form.ts'

export type ChangeFleet = (id: string, change: FleetChange) => Promise<unknown>

interface Applied {
  readonly values: FleetDraft
  /** The fleet as it was told last before it was changed. */
  readonly before: Fleet
}

/** What is typed into the panel of a fleet, what becomes of it, and where the fleet is not what the workspace says. */
export function useFleetForm(fleet: Fleet, change: ChangeFleet) {
  const [typed, setTyped] = useState<FleetDraft>({})
  const [applied, setApplied] = useState<Applied | undefined>(undefined)
  const [problems, setProblems] = useState<FleetProblems>({})
  const [failed, setFailed] = useState<'count' | 'messages'>('count')
  const latest = useRef(fleet)
  latest.current = fleet
  // What was applied is shown until the fleet is told anew: else a field would jump back for a moment.
  const kept = applied?.before === fleet ? applied.values : {}
  const known = { ...shownValues(fleet, kept) }
  const dirty = cleanDraft(fleet, typed)
  const without = (fields: readonly FleetField[], from: FleetDraft): FleetDraft =>
    Object.fromEntries(Object.entries(from).filter(([field]) => !fields.some((other) => other === field)))

  const set = (more: FleetDraft) => {
    setTyped({ ...typed, ...more })
    setProblems(Object.fromEntries(Object.entries(problems).filter(([field]) => field !== 'all' && !(field in more))))
  }
  const discard = (fields: readonly FleetField[]) => {
    setTyped(without(fields, typed))
    setProblems({})
  }
  const apply = async (fields: readonly FleetField[]) => {
    const sent = fields.filter((field) => dirty[field] !== undefined)
    setFailed(fields === countFields ? 'count' : 'messages')
    const read = readDraft(fleet, dirty, fields)
    if ('problems' in read) return setProblems(read.problems)
    try {
      await change(fleet.id, read.change)
    } catch (error) {
      return setProblems(placeRefusal(error, sent))
    }
    setProblems({})
    setApplied({ values: without(['ramp'], pick(dirty, sent)), before: latest.current })
    // The ramp time is no property of the fleet: it stays for the next count.
    const done = sent.filter((field) => field !== 'ramp')
    setTyped((now) => withoutSame(now, dirty, done))
  }
  const changed = changedFields(fleet)
  const isChanged = (fields: readonly FleetField[]) => fields.some((field) => changed[field] !== undefined)
  const reset = async (fields: readonly FleetField[]) => {
    const back = pick(
      changed,
      fields.filter((field) => changed[field] !== undefined),
    )
    setFailed(fields === countFields ? 'count' : 'messages')
    const read = readDraft(fleet, back, fields)
    if ('problems' in read) return setProblems(read.problems)
    try {
      await change(fleet.id, read.change)
    } catch (error) {
      return setProblems(placeRefusal(error, fields))
    }
    discard(fields)
  }
  const isDirty = (fields: readonly FleetField[]) => fields.some((field) => dirty[field] !== undefined)
  return { values: { ...known, ...typed }, changed, problems, failed, isDirty, isChanged, set, discard, apply, reset }
}

function pick(draft: FleetDraft, fields: readonly FleetField[]): FleetDraft {
  return Object.fromEntries(fields.map((field) => [field, draft[field]]))
}

/** Without what was sent; what was typed since then stays. */
function withoutSame(now: FleetDraft, sent: FleetDraft, fields: readonly FleetField[]): FleetDraft {
  const gone = fields.filter((field) => now[field] === sent[field])
  return Object.fromEntries(Object.entries(now).filter(([field]) => !gone.some((other) => other === field)))
}
