import { PatternMatcher } from '../capture/filter-pattern-match.ts'
import { matchesTopic } from '../handshake/topic-tree.ts'
import type { QoS } from '../mqtt/control-packet.ts'
import { describePart, differentParts } from './json-difference.ts'

/** A message as an expectation sees it: on the wire, or in the hands of a device's script. */
export interface SeenMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  /** Of MQTT 5, by the names of `MessagePattern`. */
  readonly properties: Readonly<Record<string, unknown>>
}

export type WantedText =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'expression'; readonly source: string; readonly flags: string }

export type WantedPayload =
  | WantedText
  | { readonly is: 'octets'; readonly hex: string }
  | { readonly is: 'json'; readonly value?: unknown }

/** See `MessagePattern` of expect.d.ts: each part that is given has to fit. */
export interface WantedMessage {
  /** Text is a Topic Filter. */
  readonly topic?: WantedText | undefined
  readonly payload?: WantedPayload | undefined
  readonly qos?: QoS | undefined
  readonly retain?: boolean | undefined
  readonly dup?: boolean | undefined
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const mostShown = 120
/** Characters of a payload that are read to see whether it is JSON. */
const mostRead = 100_000
/** Characters of JSON that is wanted: of it all has to be read by whoever is to find what is wrong. */
const mostJson = 1000

/** A wrong topic is further away than anything else that is wrong. */
const otherTopic = 100
/** So many parts of a JSON payload that differ are named. */
const mostParts = 5

type MisfitPart =
  | { readonly part: 'topic' | 'qos' | 'retain' | 'dup' | 'payload' }
  | { readonly part: 'property'; readonly name: string }

/** Why a message does not fit. */
export interface Comparison {
  /** 0 where it fits; the more, the further it is from what is wanted. */
  readonly distance: number
  /** Each part that does not fit, in words that stand beside `describeSeen`, such as `another QoS`. */
  readonly why: readonly string[]
}

/** Finds messages that fit a pattern, and says of the others why they do not. */
export class MessageMatch {
  readonly #wanted: WantedMessage
  readonly #topic: TextMatch | undefined
  readonly #payload: TextMatch | undefined

  /** @throws FilterProblem where a regular expression looks around or back, which cannot be matched in bounded time */
  constructor(wanted: WantedMessage) {
    this.#wanted = wanted
    this.#topic = wanted.topic?.is === 'expression' ? new TextMatch(wanted.topic) : undefined
    const { payload } = wanted
    this.#payload = payload?.is === 'expression' ? new TextMatch(payload) : undefined
  }

  fits(message: SeenMessage): boolean {
    return this.#misfits(message).next().done === true
  }

  /** What does not fit, and how near it is all the same. */
  compare(message: SeenMessage): Comparison {
    const misfits = [...this.#misfits(message)].map((part) => this.#misfit(part, message))
    return {
      distance: misfits.reduce((sum, { distance }) => sum + distance, 0),
      why: misfits.flatMap(({ why }) => why),
    }
  }

  /** Whether a message to this topic could fit. */
  fitsTopic(topic: string): boolean {
    const wanted = this.#wanted.topic
    return wanted === undefined || this.#topicFits(wanted, topic)
  }

  /** The parts that do not fit; properties by their names. */
  *#misfits(message: SeenMessage): Generator<MisfitPart, undefined> {
    const { dup, properties, qos, retain } = this.#wanted
    if (!this.fitsTopic(message.topic)) yield { part: 'topic' }
    if (qos !== undefined && qos !== message.qos) yield { part: 'qos' }
    if (retain !== undefined && retain !== message.retain) yield { part: 'retain' }
    if (dup !== undefined && dup !== message.dup) yield { part: 'dup' }
    if (!this.#payloadFits(message.payload)) yield { part: 'payload' }
    for (const [name, value] of Object.entries(properties ?? {})) {
      if (!propertyFits(name, message.properties[name], value)) yield { part: 'property', name }
    }
  }

  #misfit(misfit: MisfitPart, message: SeenMessage): Comparison {
    switch (misfit.part) {
      case 'topic':
        return { distance: otherTopic + levelsApart(this.#wanted.topic, message.topic), why: ['another topic'] }
      case 'qos':
        return { distance: 1, why: ['another QoS'] }
      case 'retain':
        return { distance: 1, why: [message.retain ? 'RETAIN is set' : 'RETAIN is not set'] }
      case 'dup':
        return { distance: 1, why: [message.dup ? 'DUP is set' : 'DUP is not set'] }
      case 'payload':
        return comparePayload(message.payload, this.#wanted.payload)
      case 'property': {
        const seen = message.properties[misfit.name]
        return { distance: 1, why: [`${misfit.name} is ${seen === undefined ? 'absent' : shownProperty(seen)}`] }
      }
    }
  }

  #topicFits(wanted: WantedText, topic: string): boolean {
    if (wanted.is === 'text') return matchesTopic(wanted.text, topic)
    return this.#topic?.test(topic) ?? false
  }

  #payloadFits(payload: Uint8Array): boolean {
    const wanted = this.#wanted.payload
    if (wanted === undefined) return true
    if (wanted.is === 'octets') return payload.length * 2 === wanted.hex.length && hexOf(payload) === wanted.hex
    const text = textOf(payload)
    if (text === undefined) return false
    switch (wanted.is) {
      case 'text':
        return text === wanted.text
      case 'expression':
        return this.#payload?.test(text) ?? false
      case 'json': {
        const value = parse(text)
        return value !== undefined && contains(value.json, wanted.value)
      }
    }
  }
}

/** A regular expression that a script has written, matched in a time that grows with the text alone. */
export class TextMatch {
  readonly #matches: (text: string) => boolean

  /** @throws FilterProblem as `MessageMatch` */
  constructor(wanted: WantedText) {
    if (wanted.is === 'text') {
      this.#matches = (text) => text.includes(wanted.text)
      return
    }
    // Whether there is a match is all that is asked: `g` and `y` are about where.
    const matcher = new PatternMatcher(wanted.source, wanted.flags.replace(/[gy]/g, ''))
    this.#matches = (text) => matcher.test(text)
  }

  /** Whether the text contains what is wanted. */
  test(text: string): boolean {
    return this.#matches(text)
  }
}

/**
 * Whether a value is what is wanted: an object may have more than is wanted of it, everything else is the same in all its
 * parts. `differentParts` says which are not. Both go as deep as what is wanted, which is bounded where it crosses from a
 * script's sandbox, however deep a payload is.
 */
export function contains(value: unknown, wanted: unknown): boolean {
  if (value === wanted) return true
  if (typeof value !== 'object' || typeof wanted !== 'object' || value === null || wanted === null) return false
  if (Array.isArray(wanted)) {
    return Array.isArray(value) && value.length === wanted.length && wanted.every((part, i) => contains(value[i], part))
  }
  if (Array.isArray(value)) return false
  return Object.entries(wanted).every(([key, part]) => Object.hasOwn(value, key) && contains(value[key as never], part))
}

/** Which part of a JSON payload it is; the fewer, the nearer. */
function comparePayload(payload: Uint8Array, wanted: WantedPayload | undefined): Comparison {
  const other: Comparison = { distance: 1, why: ['another payload'] }
  if (wanted?.is !== 'json') return other
  const value = parse(textOf(payload) ?? '')
  if (value === undefined) return { distance: 1, why: ['its payload is no JSON'] }
  const parts = differentParts(value.json, wanted.value)
  if (parts.some(({ path }) => path === '')) return other
  const more = parts.length - mostParts
  const why = [...parts.slice(0, mostParts).map(describePart), ...(more > 0 ? [`${more} more parts differ`] : [])]
  return { distance: 1 - 1 / (1 + parts.length), why }
}

/** How many levels of a topic are not those of a Topic Filter, less than 99. */
function levelsApart(wanted: WantedText | undefined, topic: string): number {
  if (wanted?.is !== 'text') return 1
  const [filter, levels] = [wanted.text.split('/'), topic.split('/')]
  const deep = filter.at(-1) === '#' ? filter.length - 1 : Math.max(filter.length, levels.length)
  let apart = 0
  for (let i = 0; i < deep; i++) if (filter[i] !== levels[i] && (filter[i] !== '+' || levels[i] === undefined)) apart++
  return Math.min(apart, otherTopic - 1)
}

function propertyFits(name: string, seen: unknown, wanted: unknown): boolean {
  if (name === 'correlationData') return contains(octetsOf(seen), octetsOf(wanted))
  if (name !== 'userProperties') return contains(seen, wanted)
  const there = pairsOf(seen)
  // One that is wanted twice has to be there twice.
  return pairsOf(wanted).every(([key, value]) => {
    const at = there.findIndex((pair) => pair[0] === key && pair[1] === value)
    if (at >= 0) there.splice(at, 1)
    return at >= 0
  })
}

/** Octets as numbers, of whatever has them: text is UTF-8. */
function octetsOf(value: unknown): unknown {
  if (typeof value === 'string') return [...new TextEncoder().encode(value)]
  return value instanceof Uint8Array ? [...value] : value
}

/** User Properties, where a name may come more than once: pairs, or an object of text and lists of text. */
function pairsOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return [...value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, values]): [string, unknown][] =>
    (Array.isArray(values) ? values : [values]).map((each: unknown) => [key, each]),
  )
}

function shownProperty(value: unknown): string {
  return value instanceof Uint8Array ? showPayload(value) : (JSON.stringify(value) ?? String(value))
}

/** What is wanted, in words, such as `a message to plant/+/status with payload "offline" and QoS 1`. */
export function describeWanted({ dup, payload, properties, qos, retain, topic }: WantedMessage): string {
  const parts = [
    ...(payload === undefined ? [] : [`payload ${describePayload(payload)}`]),
    ...(qos === undefined ? [] : [`QoS ${qos}`]),
    ...(retain === undefined ? [] : [`RETAIN ${retain ? 1 : 0}`]),
    ...(dup === undefined ? [] : [`DUP ${dup ? 1 : 0}`]),
    ...Object.entries(properties ?? {}).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ]
  const to =
    topic === undefined
      ? 'a message'
      : `a message to ${topic.is === 'text' ? topic.text : `a topic ${describeText(topic)}`}`
  return parts.length === 0 ? to : `${to} with ${list(parts)}`
}

/** A message in words, such as `plant/pump-01/status "offline" QoS 1 RETAIN`. */
export function describeSeen({ dup, payload, qos, retain, topic }: SeenMessage): string {
  return `${topic} ${describeOctets(payload)} QoS ${qos}${retain ? ' RETAIN' : ''}${dup ? ' DUP' : ''}`
}

/** A payload as a line can show it: text in quotes, JSON as it is, or its octets; cut where it is long. */
export function showPayload(payload: Uint8Array): string {
  return shownPart(payload).text
}

/** As `showPayload`, and how long it is where that is not all of it. */
function describeOctets(payload: Uint8Array): string {
  const { isCut, text } = shownPart(payload)
  return isCut ? `${text} of ${payload.length} octets` : text
}

function shownPart(payload: Uint8Array): { readonly text: string; readonly isCut: boolean } {
  const text = textOf(payload)
  if (text === undefined) {
    const isCut = payload.length > mostShown / 2
    return { text: `0x${hexOf(payload.subarray(0, mostShown / 2))}${isCut ? '…' : ''}`, isCut }
  }
  const isCut = text.length > mostShown
  const shown = isCut ? `${text.slice(0, mostShown)}…` : text
  return { text: isPlainJson(text) ? shown : JSON.stringify(shown), isCut }
}

/** Objects and lists of JSON on one line: in quotes, each of their own would be escaped. */
function isPlainJson(text: string): boolean {
  return /^[{[].*[}\]]$/.test(text) && text.length <= mostRead && !/\p{Cc}/u.test(text) && parse(text) !== undefined
}

function describePayload(payload: WantedPayload): string {
  if (payload.is === 'octets') return describeOctets(octetsFrom(payload.hex))
  if (payload.is === 'json') return `that contains ${shortened(JSON.stringify(payload.value) ?? '')}`
  return payload.is === 'text' ? describeOctets(new TextEncoder().encode(payload.text)) : describeText(payload)
}

function shortened(text: string): string {
  return text.length > mostJson ? `${text.slice(0, mostJson)}… of ${text.length} characters` : text
}

function describeText(wanted: WantedText): string {
  return wanted.is === 'text' ? wanted.text : `that matches /${wanted.source}/${wanted.flags}`
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    return utf8.decode(octets)
  } catch {
    // That they are not UTF-8 is the answer.
    return undefined
  }
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) }
  } catch {
    // That it is no JSON is the answer.
    return undefined
  }
}

function octetsFrom(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function hexOf(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += octet.toString(16).padStart(2, '0')
  return text
}
