import { FaultlineError } from '../../app/base/errors.ts'
import type { FleetError, FleetTrouble } from '../../app/device/fleet.ts'
import type { FleetGroup } from './fleet-group.ts'

const mostScripted = 10_000
const mostLoad = 100_000

/** Says what is wrong with a fleet, and how many of it can be there all the same. */
export function judge(group: FleetGroup): void {
  const { inspection, kind, load, wanted } = group
  group.error = undefined
  group.most = Number.POSITIVE_INFINITY
  if (inspection?.kind === 'failed') {
    group.error = { ...inspection.error, trouble: 'script' }
    // One device is enough to show how a script fails; what is wrong with a fleet's options no device would show.
    if (load === undefined) group.most = inspection.isFleet ? 0 : 1
  } else if (inspection !== undefined && kind === 'scripted' && wanted > mostScripted) {
    group.error = errorOf(group, 'count', tooMany(wanted))
    group.most = 0
  } else if (group.lossForGood !== undefined) {
    group.error = errorOf(group, 'process', `processes of its clients are gone, again and again: ${group.lossForGood}`)
  }
}

function errorOf({ entry }: FleetGroup, trouble: FleetTrouble, message: string): FleetError {
  return { trouble, message, file: entry.script, line: undefined, column: undefined, stack: undefined }
}

function tooMany(wanted: number): string {
  const [most, given] = [mostScripted, wanted].map((count) => count.toLocaleString('en'))
  return `a fleet can have ${most} devices with a script of their own, not ${given}: only a load fleet, of fleet(...), can be bigger`
}

/** @throws FaultlineError `invalid-argument` where a fleet of this kind cannot have so many */
export function checkCount({ entry, kind }: FleetGroup, count: number | undefined): void {
  const most = kind === 'scripted' ? mostScripted : mostLoad
  if (count === undefined || (Number.isInteger(count) && count >= 0 && count <= most)) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${entry.id} can have 0 to ${most.toLocaleString('en')} ${kind === 'scripted' ? 'devices' : 'clients'}, not ${count}`,
  })
}

/** What is told who wants to change what only a load fleet has. */
export function notLoad({ entry: { id }, kind }: FleetGroup): FaultlineError {
  if (kind === 'load') {
    return new FaultlineError({
      code: 'wrong-state',
      message: `the script of ${id} has a mistake: until it is mended, nothing but the number of clients can be changed`,
    })
  }
  return new FaultlineError({
    code: 'wrong-state',
    message: `each device of ${id} has a script of its own: nothing but their number can be changed while they run`,
    hint: 'change the script, or make a load fleet of it with fleet(...)',
  })
}
