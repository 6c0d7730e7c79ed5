import { FaultlineError } from '../../../app/base/errors.ts'
import type { DeviceSnapshot, ScriptError } from '../../../app/device/device-snapshot.ts'
import type { TextMatch } from '../../../app/scenario/match-message.ts'
import type { TextPattern } from '../../../app/script-api/scenario-crossing.ts'
import { gapOf } from './gaps.ts'
import { clientIdOf, type Ground } from './ground.ts'
import { describeText, readText } from './patterns.ts'
import type { Look, Question } from './question.ts'

/** How it is told that a client of the scenario has come online or gone: not at all. In milliseconds. */
const clientsEvery = 50
/** Of so many lines it is said what they were. */
const mostLines = 5

/** `toBeOnline` and `toBeOffline` of a device. */
export function deviceIs(ground: Ground, id: string, wanted: 'online' | 'offline'): Question {
  needDevice(ground, id)
  const clientId = clientIdOf(ground, id)
  return {
    expected: `${id} to be ${wanted}`,
    inTheEnd: 'failed',
    changes: [ground.lives.onChanged, ground.evidence.onMore],
    look: () => {
      const device = ground.lives.now(id)
      const isOnline = device !== undefined && device.state === 'online'
      // Its connection is gone already, and it has not said so yet.
      const isStale = isOnline && device.since < wallTime(ground, ground.evidence.upsets.lostAt(clientId))
      const fits = wanted === 'online' ? isOnline && !isStale : !isOnline
      return { is: fits ? 'held' : 'open', received: () => describe(device) }
    },
  }
}

/** `toBeOnline` and `toBeOffline` of a client that the scenario drives. */
export function clientIs(ground: Ground, id: string, wanted: 'online' | 'offline'): Question {
  const { clients } = ground.bench
  return {
    expected: `${id} to be ${wanted}`,
    inTheEnd: 'failed',
    changes: [ground.evidence.onMore],
    look: () => {
      const state = clients.state(id)
      const isOnline = state?.online === true
      const why = state === undefined || state.reason === '' ? '' : `: ${state.reason}`
      const received = () => (isOnline ? 'it is online' : `it is offline${why}`)
      return { is: isOnline === (wanted === 'online') ? 'held' : 'open', received, again: clientsEvery }
    },
  }
}

/** `toReconnect`. */
export function deviceReconnects(ground: Ground, id: string): Question {
  const { bench, evidence, lives, spent } = ground
  needDevice(ground, id)
  const clientId = clientIdOf(ground, id)
  // From now on it need not have been online before.
  let wasOffline = lives.now(id)?.state !== 'online'
  const isBack = (device: DeviceSnapshot | undefined): boolean => {
    if (device?.state !== 'online') {
      wasOffline = true
      return false
    }
    const upset = Math.max(
      wallTime(ground, evidence.upsets.upsetAt(clientId)),
      lives.ruleOf(clientId) ?? 0,
      spent.reconnects.get(id) ?? 0,
    )
    return device.since > upset && (wasOffline || lives.arrivals(id).length > 1)
  }
  return {
    expected: `${id} to reconnect`,
    inTheEnd: 'failed',
    changes: [lives.onChanged, evidence.onMore],
    look: () => {
      const device = lives.now(id)
      if (isBack(device)) return { is: 'held', received: () => describe(device) }
      const received = () => (device?.state === 'online' ? 'it is online, and was not offline since' : describe(device))
      return { is: 'open', received }
    },
    take: () => {
      const device = bench.devices.get(id)
      if (device !== undefined) spent.reconnects.set(id, device.since)
    },
  }
}

/** `toLog`. */
export function deviceLogs(ground: Ground, id: string, wanted: TextPattern): Question {
  needDevice(ground, id)
  const match = readText(wanted)
  const { lives } = ground
  return {
    expected: `${id} to log ${describeText(wanted)}`,
    inTheEnd: 'failed',
    changes: [lives.onChanged],
    look: () => {
      const lines = lives.lines(id)
      const found = lines.find((line) => match.test(line))
      if (found !== undefined) return { is: 'held', received: () => JSON.stringify(found) }
      return { is: 'open', received: () => describeLines(lines) }
    },
  }
}

/** `toFail`. What an earlier one has found counts only as long as the device stands there with it. */
export function deviceFails(ground: Ground, id: string, message: TextPattern | undefined): Question {
  needDevice(ground, id)
  const match: TextMatch | undefined = message === undefined ? undefined : readText(message)
  const { lives, spent } = ground
  const fits = (text: string) => match === undefined || match.test(text)
  const find = () => {
    const since = spent.failures.get(id) ?? 0
    const device = lives.now(id)
    const failures = lives.failures(id)
    return failures.find((failure) => {
      const isNow = device?.state === 'script error' && failure === failures.at(-1)
      return (failure.number > since || isNow) && fits(failure.message)
    })
  }
  return {
    expected: `the script of ${id} to fail${message === undefined ? '' : ` with ${describeText(message)}`}`,
    inTheEnd: 'failed',
    changes: [lives.onChanged],
    look: () => {
      const found = find()
      if (found !== undefined) return { is: 'held', received: () => found.message }
      const all = lives.failures(id)
      const before =
        all.length === 0 ? 'it has not failed' : `it has failed with ${all.map(({ message }) => message).join('; ')}`
      return { is: 'open', received: () => before }
    },
    take: () => {
      const found = find()
      if (found !== undefined) spent.failures.set(id, found.number)
    },
  }
}

/** `toBeRefused`, of a device or a client. */
export function isRefused(ground: Ground, id: string, code: number | undefined): Question {
  const { evidence, spent } = ground
  const clientId = clientIdOf(ground, id)
  const since = spent.refusals.get(clientId) ?? 0
  const all = () => evidence.refusals.of(clientId).filter(({ number }) => number > since)
  const find = () => all().find((each) => code === undefined || each.code === code)
  return {
    expected: `the broker to refuse ${id}, or to end its connection${code === undefined ? '' : `, with ${hex(code)}`}`,
    inTheEnd: 'failed',
    changes: [evidence.onMore],
    look: (): Look => {
      const found = find()
      if (found !== undefined) {
        const packets = { first: found.number, last: found.number }
        return { is: 'held', received: () => `it was refused with ${hex(found.code)}`, packets }
      }
      const received = () => {
        const gap = gapOf(evidence.refusals, clientId, { since, what: 'refusal' })
        return [describeRefusals(all().map((each) => each.code)), gap ?? []].flat().join('; ')
      }
      return { is: 'open', received }
    },
    take: () => {
      const found = find()
      if (found !== undefined) spent.refusals.set(clientId, found.number)
    },
  }
}

/** `toBeOnline` of a group of devices. */
export function fleetIsOnline(ground: Ground, group: string, wanted: number | undefined): Question {
  const { fleets } = ground.bench
  const now = () => fleets.list().find(({ id }) => id === group)
  if (now() === undefined) {
    throw new FaultlineError({ code: 'not-found', message: `there is no group of devices '${group}'` })
  }
  return {
    expected: `${wanted === undefined ? 'all' : wanted} of ${group} to be online`,
    inTheEnd: 'failed',
    changes: [fleets.onChanged],
    look: () => {
      const fleet = now()
      const { online = 0, present = 0, wanted: all = 0 } = fleet ?? {}
      const fits = wanted === undefined ? online === all && present === all : online === wanted
      return { is: fits ? 'held' : 'open', received: () => `${online} of ${all} are online` }
    },
  }
}

/** Wall time in milliseconds since 1970 of a time of the capture; 0 where there is none. */
function wallTime({ bench }: Ground, time: number | undefined): number {
  return time === undefined ? 0 : bench.capture.startedAt + time / 1e6
}

function needDevice({ bench }: Ground, id: string): void {
  if (bench.devices.get(id) !== undefined) return
  throw new FaultlineError({ code: 'not-found', message: `there is no device '${id}' in this scenario` })
}

function describe(device: DeviceSnapshot | undefined): string {
  if (device === undefined) return 'it is not there any more'
  const { error, reason, state } = device
  const why = error === undefined ? reason : describeError(error)
  return `it is ${state}${why === '' ? '' : `: ${why}`}`
}

function describeError({ column, file, line, message }: ScriptError): string {
  return `${message} (${line === undefined ? file : `${file}:${line}:${column}`})`
}

function describeLines(lines: readonly string[]): string {
  if (lines.length === 0) return 'it has logged nothing'
  const shown = lines.slice(-mostLines).map((line) => JSON.stringify(line))
  return `it has logged ${lines.length > shown.length ? `${lines.length} lines, the newest are ` : ''}${shown.join(', ')}`
}

function describeRefusals(codes: readonly number[]): string {
  if (codes.length === 0) return 'it was not refused'
  const different = [...new Set(codes)].map(hex).join(', ')
  return codes.length === 1
    ? `it was refused with ${different}`
    : `it was refused ${codes.length} times, with ${different}`
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}
