import type { FleetOptions, FleetScript } from 'faultline'
import type { ClientSettings, LoadPlan } from '../crossing.ts'
import { milliseconds } from '../duration.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkTopicName } from '../topics.ts'
import { readClientOptions } from './settings.ts'
import { checkFlag, checkQoS } from './values.ts'

const keys = ['topic', 'every', 'payload', 'qos', 'retain', 'client'] as const
/** What means something for a device only. */
const notForFleets = ['store', 'topicAliases']
const longestInterval = 86_400_000
const usualJitter = 0.3

/**
 * Holds what scripts say of load fleets, and checks it when the workbench asks. Templates are checked by the host: no
 * sandbox needs the code that reads them.
 */
export class FleetPlans {
  readonly #given = new WeakMap<object, FleetOptions>()

  readonly fleet = (options: FleetOptions): FleetScript => {
    // Unknown keys are found when it is read: an option that no frame of the script's stack leads to has its own line.
    checkKeys(options, Object.keys(options ?? {}), 'fleet({...})', '')
    const script: FleetScript = Object.freeze({ kind: 'fleet' })
    this.#given.set(script, options)
    return script
  }

  /**
   * The plan behind a script's default export; undefined when it is no fleet.
   *
   * @throws FaultlineError `invalid-argument` naming the option
   */
  read(script: unknown): LoadPlan | undefined {
    const given = typeof script === 'object' && script !== null ? this.#given.get(script) : undefined
    return given === undefined ? undefined : readPlan(given)
  }
}

function readPlan(given: FleetOptions): LoadPlan {
  checkKeys(given, keys, 'fleet({...})', '')
  const { topic, every = '1s', payload = '', qos = 0, retain = false } = given as Record<keyof FleetOptions, unknown>
  const everyMs = milliseconds(every, 'every', 'every')
  if (everyMs > longestInterval) throw mistake(`every must not be longer than 24 h, not ${shown(every)}`, 'every')
  if (typeof payload !== 'string') {
    throw mistake(`payload must be text with placeholders such as {count}, not ${shown(payload)}`, 'payload')
  }
  return {
    settings: {
      topic: checkTopicName(topic, 'topic', 'topic'),
      everyMs,
      payload,
      qos: checkQoS(qos, 'qos', 'qos'),
      retain: checkFlag(retain, 'retain', 'retain'),
    },
    client: readClient(given.client),
  }
}

function readClient(options: FleetOptions['client']): ClientSettings {
  for (const key of notForFleets) {
    if (options !== undefined && Object.hasOwn(options, key)) {
      throw mistake(`client.${key} is for devices; the clients of a fleet do not have it`, `client.${key}`)
    }
  }
  const settings = readClientOptions(options, '{id}')
  const jitterIsGiven = typeof options?.reconnect === 'object' && options.reconnect.jitter !== undefined
  if (settings.reconnect === undefined || jitterIsGiven) return settings
  return { ...settings, reconnect: { ...settings.reconnect, jitter: usualJitter } }
}
