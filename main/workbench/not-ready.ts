import { FaultlineError } from '../../app/base/errors.ts'
import type { DeviceSnapshot, ScriptError } from '../../app/device/device-snapshot.ts'
import { formatDuration } from '../../app/device/duration-words.ts'
import { type FleetSnapshot, ownFailures } from '../../app/device/fleet.ts'
import { DeviceFailed, type DeviceFailure, isFinalRefusal, scriptFailure } from '../scenarios/device-failed.ts'

/** What makes it vain to wait for devices and load clients, as far as they are to blame. */
export function failureOf(
  devices: readonly DeviceSnapshot[],
  fleets: readonly FleetSnapshot[],
): FaultlineError | undefined {
  // A device shows where a script fails; what no device can show is wrong with the fleet.
  const device = devices.find(({ error, state }) => state === 'script error' && error !== undefined)
  if (device?.error !== undefined) return scriptError(device.id, device.error, [device.clientId])
  const refused = devices.find(({ reason, state }) => state !== 'online' && isFinalRefusal(reason))
  if (refused !== undefined) return notIn(refused, devices)
  const fleet = fleets.find(({ error, kind, present, wanted }) => {
    return error !== undefined && (kind === 'load' || present === 0) && present < wanted
  })
  if (fleet?.error !== undefined) return scriptError(fleet.id, fleet.error)
  // Those clients never come online, or went for good.
  for (const { script, ...each } of fleets) {
    const failure = ownFailures(each).find(({ byScript }) => byScript)
    const error = { file: script, line: undefined, column: undefined, stack: undefined }
    if (failure !== undefined) return scriptError(each.id, { ...error, message: failure.message })
  }
  return undefined
}

function scriptError(
  id: string,
  { column, file, line, message, stack }: ScriptError,
  clientIds: readonly string[] = [],
): DeviceFailed {
  const where = line === undefined ? file : `${file}:${line}:${column}`
  const place = line === undefined ? undefined : { file, line, column: column ?? 1 }
  return new DeviceFailed(scriptFailure(id, { message, place, clientIds }), {
    code: 'script-threw',
    message: `the script of ${id} failed: ${message} (${where})`,
    details: { device: id, file, line, column, stack },
  })
}

/** The broker has refused clients of a load fleet, in such a way that they would try again in vain. */
export function refusedFleet(fleets: readonly FleetSnapshot[]): DeviceFailed | undefined {
  for (const { counters, id, kind, online, wanted } of fleets) {
    if (kind !== 'load' || counters === undefined || online >= wanted) continue
    const refusal = Object.keys(counters.errors).find(isFinalRefusal)
    if (refusal !== undefined) return notAllIn({ id, online, wanted }, refusal)
  }
  return undefined
}

function notAllIn(
  { id, online, wanted }: Pick<FleetSnapshot, 'id' | 'online' | 'wanted'>,
  refusal: string,
  within = '',
): DeviceFailed {
  const received = `${refusal}; ${online} of ${wanted} are online`
  return refused([], {
    what: `fleets.${id}: not all of its clients came online`,
    expected: `the broker to let them in${within}, before the body begins`,
    received,
    message: `not all clients of fleets.${id} came online${within}: ${received}`,
    waiting: [id],
  })
}

/** The broker has refused it: in vain it would try again. @param within how long it had for it, such as ` within 30 s` */
function notIn(device: DeviceSnapshot, devices: readonly DeviceSnapshot[], within = ''): DeviceFailed {
  const { clientId, id, reason, state } = device
  const others = waitingOf(devices).filter((other) => other.id !== id)
  const more = others.length === 0 ? '' : `, and ${others.length} more are not online`
  return refused([clientId], {
    what: `${id} did not come online`,
    expected: `the broker to let it in${within}, before the body begins`,
    received: `${reason}${more}`,
    message: `${id} did not come online${within}: it is ${state} (${reason})${more}`,
    waiting: [id, ...others.map((other) => other.id)],
  })
}

function refused(
  clientIds: readonly string[],
  {
    message,
    waiting,
    ...words
  }: Pick<DeviceFailure, 'what' | 'expected' | 'received'> & { readonly message: string; waiting: readonly string[] },
): DeviceFailed {
  return new DeviceFailed(
    { because: 'it was refused', ...words, place: undefined, clientIds },
    { code: 'connection-closed', message, hint: offAtFirst, details: { devices: waiting.slice(0, 100) } },
  )
}

const offAtFirst = "a device that is not to connect at first has start: 'off'"

function waitingOf(devices: readonly DeviceSnapshot[]): DeviceSnapshot[] {
  return devices.filter(({ state }) => state !== 'online' && state !== 'off')
}

/** What is over: the time in which one more should have come online, or that of all, which the scenario gives. */
export interface Limit {
  readonly over: 'patience' | 'timeout'
  readonly ms: number
}

/** Somebody is not online who should be. @returns `script-timeout` where the scenario has said how long it may take */
export function notOnline(
  devices: readonly DeviceSnapshot[],
  fleets: readonly FleetSnapshot[],
  limit: Limit,
): FaultlineError {
  const waiting = waitingOf(devices)
  const within = withinWords(limit)
  const turnedAway = waiting.find(({ reason }) => reason.startsWith('refused: '))
  if (turnedAway !== undefined) return notIn(turnedAway, devices, within)
  const code = limit.over === 'timeout' ? 'script-timeout' : 'connection-closed'
  const [first] = waiting
  if (first !== undefined) {
    const others = waiting.length === 1 ? '' : `, and ${waiting.length - 1} more are not online`
    const why = first.reason === '' ? '' : ` (${first.reason})`
    return new FaultlineError({
      code,
      message: `${first.id} did not come online${within}: it is ${first.state}${why}${others}${moreTime(limit)}`,
      hint: offAtFirst,
      details: { devices: waiting.slice(0, 100).map(({ id }) => id) },
    })
  }
  const fleet = fleets.find(({ online, wanted }) => online < wanted)
  if (fleet === undefined)
    return new FaultlineError({ code, message: `the devices were not ready${within}${moreTime(limit)}` })
  const reason = reasonOf(fleet)
  if (reason.startsWith('refused: ')) return notAllIn(fleet, reason, within)
  const counts = `${fleet.online} of ${fleet.wanted} clients of fleets.${fleet.id} came online`
  const more = limit.over === 'timeout' ? within : `, and none more${within}`
  return new FaultlineError({
    code,
    message: `${counts}${more}${reason === '' ? '' : ` (${reason})`}${moreTime(limit)}`,
  })
}

/** Such as ` within 30 s`. */
export function withinWords({ ms }: Limit): string {
  return ` within ${formatDuration(ms)}`
}

/** What would help; empty where waiting longer would not. */
export function moreTime({ over }: Limit): string {
  return over === 'timeout' ? "; a longer 'timeout' gives it more time" : ''
}

/** What its clients have met most often; empty where nothing is known. */
function reasonOf({ counters }: FleetSnapshot): string {
  const [most] = Object.entries(counters?.errors ?? {}).toSorted(([, a], [, b]) => b - a)
  return most?.[0] ?? ''
}
