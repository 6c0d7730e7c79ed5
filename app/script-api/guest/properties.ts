import type { ConnackProperties, ReceivedProperties as ReceivedByScript, UserProperties } from 'faultline'
import { milliseconds } from '../duration.ts'
import { mistake, shown } from '../mistake.ts'
import type { PublishProperties, ReceivedProperties, UserPropertyPairs } from '../properties.ts'
import { checkMqttString, checkTopicName, utf8Length } from '../topics.ts'
import { checkFlag } from './values.ts'

/** Options by name: what a script has given. */
export type Given = Readonly<Record<string, unknown>>

/** Options of a message that MQTT 5 carries as properties; a Will Message has them too. */
export const messagePropertyKeys = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'contentType',
  'responseTopic',
  'correlationData',
  'userProperties',
] as const

/**
 * Reads those of a message's options that become properties.
 *
 * @param what names the options in a mistake: `publish`, `client.will`
 * @param option their path, for options that the device's factory returned
 * @returns undefined where none is given
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function readMessageProperties(given: Given, what: string, option?: string): MessageProperties | undefined {
  const path = paths(what, option)
  return filled({
    payloadFormatIndicator: read(given['payloadFormatIndicator'], path('payloadFormatIndicator'), checkFlag),
    messageExpiryInterval: read(given['messageExpiryInterval'], path('messageExpiryInterval'), seconds),
    contentType: read(given['contentType'], path('contentType'), checkMqttString),
    responseTopic: read(given['responseTopic'], path('responseTopic'), checkTopicName),
    correlationData: read(given['correlationData'], path('correlationData'), binary),
    userProperties: read(given['userProperties'], path('userProperties'), readUserProperties),
  })
}

type MessageProperties = Omit<PublishProperties, 'topicAlias'>
type Check<T> = (value: unknown, what: string, option: string | undefined) => T
type Path = readonly [what: string, option: string | undefined]

/** Gives the name of an option for a mistake, and its path where it has one. */
export function paths(what: string, option: string | undefined): (key: string) => Path {
  return (key) => (option === undefined ? [`the ${key} of ${what}`, undefined] : [`${what}.${key}`, `${option}.${key}`])
}

export function read<T>(value: unknown, [what, option]: Path, check: Check<T>): T | undefined {
  return value === undefined ? undefined : check(value, what, option)
}

type Filled<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without what is undefined; undefined where nothing is left. */
export function filled<T extends object>(properties: T): Filled<T> | undefined {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Filled<T>)
}

/** @throws FaultlineError `invalid-argument` for an option that only MQTT 5 can carry, under another version */
export function needVersion5(
  version: number,
  given: Given,
  keys: readonly string[],
  what: string,
  option?: string,
): void {
  if (version === 5) return
  const key = keys.find((name) => given[name] !== undefined)
  if (key === undefined) return
  const [name, path] = paths(what, option)(key)
  throw mistake(`${name} needs MQTT 5; add protocolVersion: 5 to the device's client`, path)
}

/** A Four Byte Integer of whole seconds [MQTT 5 §1.5.3]. */
export function seconds(value: unknown, what: string, option?: string): number {
  const whole = milliseconds(value, what, option) / 1000
  if (Number.isInteger(whole) && whole <= 0xffff_ffff) return whole
  throw mistake(`${what} must be whole seconds up to 4294967295, not ${shown(value)}; MQTT carries it so`, option)
}

/** @throws FaultlineError `invalid-argument` for anything but an integer from `least` to `most` */
export function integer(least: number, most: number): Check<number> {
  return (value, what, option) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw mistake(`${what} must be a whole number from ${least} to ${most}, not ${shown(value)}`, option)
  }
}

function binary(value: unknown, what: string, option?: string): number[] {
  if (!(value instanceof Uint8Array) && typeof value !== 'string') {
    throw mistake(`${what} must be text or octets (Uint8Array), not ${shown(value)}`, option)
  }
  const octets = typeof value === 'string' ? utf8(value) : [...value]
  if (octets.length > 65_535) throw mistake(`${what} must not be longer than 65535 octets`, option)
  return octets
}

/** The sandbox has no TextEncoder; `encodeURIComponent` writes UTF-8, and throws at half of a surrogate pair. */
function utf8(text: string): number[] {
  if (utf8Length(text) === text.length) return Array.from(text, (character) => character.charCodeAt(0))
  return (encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).match(/%..|./g) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  )
}

/** A name may come more than once: a list gives it one pair for each value. None at all is undefined. */
export function readUserProperties(value: unknown, what: string, option?: string): [string, string][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mistake(`${what} must be an object of names and texts, not ${shown(value)}`, option)
  }
  const pairs = Object.entries(value).flatMap(([name, texts]) =>
    (Array.isArray(texts) ? texts : [texts]).map((text): [string, string] => [
      checkMqttString(name, `a name in ${what}`, option),
      checkMqttString(text, `'${name}' in ${what}`, option),
    ]),
  )
  if (pairs.length > 1000) throw mistake(`${what} must not have more than 1000 values`, option)
  return pairs.length === 0 ? undefined : pairs
}

/** What came from the broker, as a script sees it: octets as Uint8Array, User Properties by name. */
export function toScript(properties: ReceivedProperties | undefined): ConnackProperties & ReceivedByScript {
  if (properties === undefined) return none
  const entries = Object.entries(properties).map(([name, value]) => {
    if (!Array.isArray(value)) return [name, value]
    if (name === 'userProperties') return [name, byName(value as UserPropertyPairs)]
    return [name, name === 'subscriptionIdentifiers' ? value : new Uint8Array(value as number[])]
  })
  return Object.fromEntries(entries) as ConnackProperties & ReceivedByScript
}

const none = Object.freeze({})

function byName(pairs: UserPropertyPairs): UserProperties {
  const texts = new Map<string, string | string[]>()
  for (const [name, text] of pairs) {
    const before = texts.get(name)
    texts.set(name, before === undefined ? text : [...(Array.isArray(before) ? before : [before]), text])
  }
  return Object.fromEntries(texts)
}
