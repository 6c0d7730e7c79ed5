import { closest } from '../../app/base/closest.ts'
import { messageOf } from '../../app/base/errors.ts'
import { jsonStart } from '../../app/base/json-start.ts'
import { deviceIds } from '../../app/device/device-id.ts'
import { parseTarget } from '../../app/device/target-address.ts'
import { observerId } from '../../app/scenario/observer.ts'
import type {
  DeviceGroup,
  PlanMistake,
  PlannedBroker,
  PlannedThreshold,
  ScenarioPlan,
} from '../../app/scenario/plan.ts'
import { readThreshold } from '../../app/scenario/thresholds.ts'
import { milliseconds } from '../../app/script-api/duration.ts'
import type { ScenarioDraft } from '../../app/script-api/scenario-crossing.ts'

/** What comes before what the file says: of the command line, or of the screen. */
export interface PlanOverrides {
  readonly seed?: string | number | undefined
  readonly target?: string | undefined
  readonly timeoutMs?: number | undefined
}

/** Besides what the plan says itself. */
export interface PlanSurroundings {
  /** Names of the scripts that there are for `script` to name; undefined where that is not looked at. */
  readonly scripts?: readonly string[] | undefined
}

export type CheckedPlan =
  | { readonly plan: ScenarioPlan; readonly mistakes?: undefined }
  | { readonly plan?: undefined; readonly mistakes: readonly PlanMistake[] }

const optionNames = ['seed', 'timeout', 'devices', 'broker', 'target', 'thresholds']
const deviceNames = ['script', 'count', 'start']
const most = { devices: 10_000, seconds: 4_294_967_294, characters: 1000, mistakes: 100 }

/** The names of limits and the most that each can be; times are given in the words of a script, and kept in seconds. */
const numbers: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  maxQueued: { min: 0, max: 10_000_000 },
  maxConnections: { min: 0, max: 1_000_000 },
  maxInflight: { min: 1, max: 65_535 },
  maxPacketSize: { min: 16, max: 268_435_460 },
  maxQoS: { min: 0, max: 2 },
}
const times: Readonly<Record<string, number>> = { maxKeepAlive: 65_535, maxSessionExpiry: most.seconds }
const policies = ['drop oldest', 'drop newest', 'disconnect']
const brokerNames = [
  ...Object.keys(numbers),
  ...Object.keys(times),
  'queuePolicy',
  'retainAvailable',
  'store',
  'access',
]

/**
 * Checks the static part of a scenario, all of it: nothing is started where anything in it is wrong.
 *
 * @param overrides what the user said besides, which comes first
 */
export function checkPlan(
  { name, options }: ScenarioDraft,
  overrides: PlanOverrides = {},
  { scripts }: PlanSurroundings = {},
): CheckedPlan {
  const check = new Check()
  const given = check.object(options, '', optionNames, 'the options of a scenario')
  const broker = readBroker(check, given['broker'])
  const target = readTarget(check, overrides.target ?? given['target'])
  if (given['broker'] !== undefined && given['target'] !== undefined) {
    check.say('target', "is not possible together with 'broker', which says what the scenario's own broker is like")
  }
  const plan: ScenarioPlan = {
    name: readName(check, name),
    seed: overrides.seed ?? readSeed(check, given['seed']),
    timeoutMs: overrides.timeoutMs ?? readTimeout(check, given['timeout']),
    groups: readGroups(check, given['devices'], scripts),
    broker,
    target,
    thresholds: readThresholds(check, given['thresholds']),
  }
  return check.mistakes.length === 0 ? { plan } : { mistakes: check.mistakes }
}

/** Gathers what is wrong, so that all of it is told at once. */
class Check {
  readonly mistakes: PlanMistake[] = []

  say(path: string, message: string): undefined {
    if (this.mistakes.length < most.mistakes) this.mistakes.push({ path, message })
    return undefined
  }

  /** @returns an empty one where it is none */
  object(value: unknown, path: string, known: readonly string[] | undefined, what: string): Record<string, unknown> {
    if (value === undefined) return {}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.say(path, `must be an object with ${what}, not ${shown(value)}`)
      return {}
    }
    const given = value as Record<string, unknown>
    for (const key of known === undefined ? [] : Object.keys(given).filter((key) => !known.includes(key))) {
      const meant = closest(key, known ?? [])
      const hint = meant === undefined ? `; there are ${known?.join(', ')}` : `; did you mean '${meant}'?`
      this.say(join(path, key), `is none of ${what}${hint}`)
    }
    return given
  }

  whole(
    value: unknown,
    path: string,
    { min, max }: { readonly min: number; readonly max: number },
  ): number | undefined {
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    return this.say(path, `must be a whole number from ${min} to ${max}, not ${shown(value)}`)
  }

  time(value: unknown, path: string): number | undefined {
    if (value === undefined) return undefined
    try {
      return milliseconds(value, 'it')
    } catch (error) {
      return this.say(path, messageOf(error).replace(/^it must/, 'must'))
    }
  }

  oneOf<const T extends string>(value: unknown, path: string, choices: readonly T[]): T | undefined {
    if (value === undefined) return undefined
    const found = choices.find((choice) => choice === value)
    return found ?? this.say(path, `must be ${choices.map((c) => `'${c}'`).join(' or ')}, not ${shown(value)}`)
  }
}

function readName(check: Check, name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= most.characters) return name
  const long =
    typeof name === 'string' && name.length > most.characters ? ` in at most ${most.characters} characters` : ''
  check.say('name', `must be text that says what the scenario shows${long}, not ${shown(name)}`)
  return ''
}

function readSeed(check: Check, seed: unknown): number | string {
  if (seed === undefined) return 1
  if (typeof seed === 'string' && seed.length <= most.characters) return seed
  if (typeof seed === 'number' && Number.isFinite(seed)) return seed
  check.say('seed', `must be a number, or text of at most ${most.characters} characters, not ${shown(seed)}`)
  return 1
}

function readTimeout(check: Check, timeout: unknown): number {
  const ms = check.time(timeout, 'timeout')
  if (ms !== undefined && (ms < 100 || ms > 86_400_000)) check.say('timeout', 'must be from 100ms to 24h')
  return ms ?? 60_000
}

function readTarget(check: Check, target: unknown): string | undefined {
  if (target === undefined) return undefined
  if (typeof target !== 'string') return check.say('target', `must be a URL such as 'mqtt://127.0.0.1:1884'`)
  try {
    return parseTarget(target).url
  } catch (error) {
    return check.say('target', messageOf(error))
  }
}

function readGroups(check: Check, devices: unknown, scripts: readonly string[] | undefined): DeviceGroup[] {
  /** Id to what has it. */
  const taken = new Map([[observerId, 'the observer']])
  let total = 0
  return Object.entries(check.object(devices, 'devices', undefined, 'groups of devices')).map(([name, group]) => {
    const path = join('devices', name)
    if (!/^[\w.-]+$/.test(name)) check.say(path, `is not a name: it may have letters, digits, '_', '-' and '.' only`)
    const given = check.object(group ?? 'nothing', path, deviceNames, 'script, count and start')
    const { script } = given
    const named = typeof script === 'string' && /^[\w.-]+$/.test(script)
    if (!named && typeof group === 'object') {
      const message = `must be the name of a script: 'pump' is devices/pump.device.ts; not ${shown(script)}`
      check.say(join(path, 'script'), message)
    }
    if (named && scripts !== undefined && !scripts.includes(script)) {
      check.say(join(path, 'script'), missingScript(script, scripts))
    }
    const count = check.whole(given['count'], join(path, 'count'), { min: 0, max: most.devices }) ?? 1
    const hadRoom = total <= most.devices
    total += count
    const isTooMany = total > most.devices
    if (isTooMany && hadRoom) check.say('devices', `have more than ${most.devices} devices together`)
    const ids = isTooMany ? [] : deviceIds(name, count)
    const double = ids.find((id) => taken.has(id))
    if (double !== undefined) check.say(path, `would have a device '${double}', as ${taken.get(double)} is called`)
    for (const id of ids) taken.set(id, `a device of '${name}'`)
    return {
      name,
      script: named ? script : '',
      count,
      on: check.oneOf(given['start'], join(path, 'start'), ['on', 'off']) !== 'off',
    }
  })
}

function missingScript(script: string, scripts: readonly string[]): string {
  const meant = closest(script, scripts)
  const offer = meant === undefined ? `put it into devices/${script}.device.ts` : `did you mean '${meant}'?`
  return `names '${script}', which is not there; ${offer}`
}

function readBroker(check: Check, broker: unknown): PlannedBroker {
  const given = check.object(broker, 'broker', brokerNames, 'what a broker is told')
  const limits: Record<string, number | string | boolean> = {}
  for (const [key, bounds] of Object.entries(numbers)) {
    const value = check.whole(given[key], join('broker', key), bounds)
    if (value !== undefined) limits[key] = value
  }
  for (const [key, longest] of Object.entries(times)) {
    const path = join('broker', key)
    const ms = check.time(given[key], path)
    if (ms === undefined) continue
    if (ms % 1000 !== 0 || ms > longest * 1000) check.say(path, `must be whole seconds up to ${longest}`)
    else limits[key] = ms / 1000
  }
  const policy = check.oneOf(given['queuePolicy'], 'broker.queuePolicy', policies)
  if (policy !== undefined) limits['queuePolicy'] = policy
  const { retainAvailable } = given
  if (typeof retainAvailable === 'boolean') limits['retainAvailable'] = retainAvailable
  else if (retainAvailable !== undefined) check.say('broker.retainAvailable', 'must be true or false')
  const store = check.oneOf(given['store'], 'broker.store', ['memory', 'level']) ?? 'memory'
  return { limits, store, access: given['access'] }
}

function readThresholds(check: Check, thresholds: unknown): PlannedThreshold[] {
  const given = check.object(thresholds, 'thresholds', undefined, 'metrics and what they must keep to')
  return Object.entries(given).flatMap(([metric, wanted]) => {
    const path = `thresholds['${metric}']`
    return (Array.isArray(wanted) ? wanted : [wanted]).flatMap((text: unknown) => {
      if (typeof text !== 'string') {
        check.say(path, `must be text such as 'p(95) < 250ms', or a list of them, not ${shown(text)}`)
        return []
      }
      const read = readThreshold(metric, text)
      if (typeof read !== 'string') return [{ metric, text }]
      check.say(path, read)
      return []
    })
  })
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' ? `'${value.slice(0, 60)}'` : jsonStart(value, 60)
}
