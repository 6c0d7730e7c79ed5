import type { PacketType, ProtocolVersion } from '../mqtt/control-packet.ts'
import { decodePacket } from '../mqtt/decode.ts'
import { anyReasonName, connectReturnCodes } from '../mqtt/decode-codes.ts'
import { describeCode, describeOctets } from '../mqtt/decode-values.ts'
import type { Malformation } from '../mqtt/framer.ts'
import { type PacketSummary, summarize } from '../mqtt/summary.ts'
import type { Observation, Observed, ObservedEnd } from './replay-observation.ts'

/** Octets of a packet that are looked at; of a recorded one there may be no more. */
export const mostObserved = 1024 * 1024

/** What a client knows of messages to it that are not finished, by Packet Identifier; it outlives a connection. */
export type Inbound = Map<number, string>

/** Properties of CONNACK that say what a client may do, and what their absence says [MQTT 5 §3.2.2.3]. */
const connackProperties: ReadonlyMap<string, string> = new Map([
  ['Session Expiry Interval', 'as asked for'],
  ['Receive Maximum', '65535'],
  ['Maximum QoS', 'QoS 2'],
  ['Retain Available', '1'],
  ['Maximum Packet Size', 'no limit'],
  ['Topic Alias Maximum', '0'],
  ['Wildcard Subscription Available', '1'],
  ['Subscription Identifier Available', '1'],
  ['Shared Subscription Available', '1'],
  ['Server Keep Alive', 'as asked for'],
  ['Assigned Client Identifier', 'none'],
])

/** They belong to one connection, or run down. */
const passingProperties = new Set(['Property Length', 'Topic Alias', 'Message Expiry Interval'])

/** Describes what comes to one client over one Network Connection: the same way from a recording and from the wire. */
export class ReplayObserver {
  readonly #version: ProtocolVersion
  readonly #inbound: Inbound
  /** What its client has asked for, by kind and Packet Identifier. */
  readonly #requests = new Map<string, string>()
  readonly #aliases = new Map<string, string>()
  readonly #answers: Observed[] = []
  readonly #messages: Observed[] = []
  #connack: Observed | undefined
  #farewell: string | undefined
  #left = false

  constructor(version: ProtocolVersion, inbound: Inbound) {
    this.#version = version
    this.#inbound = inbound
  }

  /** The broker's own DISCONNECT, in words. */
  get farewell(): string | undefined {
    return this.#farewell
  }

  /** Whether the client has sent DISCONNECT. */
  get left(): boolean {
    return this.#left
  }

  /** The client has sent this packet. */
  sent(octets: Uint8Array): void {
    const { packetId, topic, type } = summarize(octets, this.#version)
    if (type === 'DISCONNECT') this.#left = true
    if (packetId === undefined || topic === undefined) return
    const to = topic === '' ? 'the topic of its alias' : topic
    this.#requests.set(`${requestOf(type)} ${packetId}`, `${type} ${type === 'UNSUBSCRIBE' ? 'from' : 'to'} ${to}`)
  }

  /**
   * This packet has come to the client.
   *
   * @param length of the packet on the wire, where `octets` are its first part
   */
  received(octets: Uint8Array, length = octets.length, malformed: Malformation | false = false): Observed {
    const observed = malformed === false ? this.describe(octets, length) : unreadable(octets, malformed)
    this.receivedAgain(observed)
    return observed
  }

  /** The octets that this was seen in have come at once, once more. */
  receivedAgain(observed: Observed): void {
    if (isSystemMessage(observed)) return
    if (observed.type === 'PUBLISH') this.#messages.push(observed)
    else if (observed.type === 'CONNACK' && this.#connack === undefined) this.#connack = observed
    else if (observed.type !== 'DISCONNECT') this.#answers.push(observed)
  }

  observation(end: ObservedEnd): Observation {
    return { connack: this.#connack, answers: this.#answers, messages: this.#messages, end }
  }

  /** How this packet is described, whether it comes to the client or not. */
  describe(octets: Uint8Array, length: number): Observed {
    const summary = summarize(octets, this.#version)
    const { type } = summary
    switch (type) {
      case 'CONNACK':
        return named(type, this.#connackDetails(octets, summary))
      case 'PUBLISH':
        return this.#message(octets, length, summary)
      case 'PUBREL': {
        const of = this.#inbound.get(summary.packetId ?? 0) ?? 'an earlier message'
        return named(type, this.#code(summary), ` of ${of}`)
      }
      case 'SUBACK':
      case 'UNSUBACK':
        return named(type, { codes: codesOf(octets, this.#version) }, this.#request(summary), summary.packetId)
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        return named(type, this.#code(summary), this.#request(summary), summary.packetId)
      case 'DISCONNECT':
        this.#farewell = describeCode(summary.code ?? 0, anyReasonName(summary.code ?? 0))
        return named(type, { code: this.#farewell })
      case undefined:
        return unreadable(octets, 'reserved packet type')
      default:
        return named(type, type === 'AUTH' ? this.#code(summary) : {})
    }
  }

  #message(octets: Uint8Array, length: number, summary: PacketSummary): Observed {
    const { dup, packetId, payload = new Uint8Array(0), qos, retain } = summary
    const properties = this.#version === 5 ? propertiesOf(octets, this.#version, length) : []
    const topic = this.#topic(summary.topic ?? '', properties)
    const whole = payload.length + length - octets.length
    const what = `PUBLISH to ${topic} ${describeOctets(payload.subarray(0, 200), whole)}`
    const identity = messageIdentity(topic, payload, whole)
    if (qos !== 0 && packetId !== undefined) this.#inbound.set(packetId, what)
    const lasting = properties.filter(([name]) => !passingProperties.has(name))
    return {
      type: 'PUBLISH',
      identity,
      subject: topic,
      what,
      details: {
        QoS: String(qos),
        RETAIN: retain ? '1' : '0',
        DUP: dup ? '1' : '0',
        payload: describeOctets(payload.subarray(0, 200), whole),
        properties: lasting.map(([name, value]) => `${name} ${value}`).join(', ') || 'none',
      },
      ordered: !retain,
    }
  }

  /** Its alias stands for it from the second time on [MQTT 5 §3.3.2.3.4]. */
  #topic(topic: string, properties: readonly (readonly [string, string])[]): string {
    const alias = properties.find(([name]) => name === 'Topic Alias')?.[1]
    if (alias === undefined) return topic
    if (topic !== '') this.#aliases.set(alias, topic)
    return this.#aliases.get(alias) ?? topic
  }

  #request({ packetId, type }: PacketSummary): string {
    return ` of ${this.#requests.get(`${requestOf(type)} ${packetId}`) ?? 'something earlier'}`
  }

  #code({ code = 0 }: PacketSummary): Record<string, string> {
    return this.#version === 5 ? { code: describeCode(code, anyReasonName(code)) } : {}
  }

  #connackDetails(octets: Uint8Array, { code = 0, sessionPresent }: PacketSummary): Record<string, string> {
    const name = this.#version === 5 ? anyReasonName(code) : connectReturnCodes[code]
    const details = { code: describeCode(code, name), 'Session Present': sessionPresent ? '1' : '0' }
    if (this.#version !== 5 || code !== 0) return details
    const said = new Map(propertiesOf(octets, this.#version, octets.length))
    if (said.has('Assigned Client Identifier')) said.set('Assigned Client Identifier', 'one')
    const all = [...connackProperties].map(([name, absent]) => [name, said.get(name) ?? absent] as const)
    return { ...details, ...Object.fromEntries(all) }
  }
}

/**
 * What makes two messages the same: Topic Name and payload.
 *
 * @param length of the payload, where `payload` is its first part
 */
export function messageIdentity(topic: string, payload: Uint8Array, length = payload.length): string {
  // Of a large packet the first part is kept: how much of it is payload depends on its header.
  const part = length > payload.length ? payload.subarray(0, mostObserved / 2) : payload
  return `${topic}\n${length}\n${part.length <= 64 ? part.join() : hashOf(part)}`
}

function named(type: PacketType, details: Record<string, string>, of = '', packetId?: number): Observed {
  const identity = packetId === undefined ? `${type}${of}` : `${type} ${packetId}`
  return { type, identity, subject: identity, what: `${type}${of}`, details, ordered: true }
}

function unreadable(octets: Uint8Array, why: Malformation): Observed {
  const what = `octets that are no Control Packet: ${why}`
  const details = { octets: describeOctets(octets.subarray(0, 200), octets.length) }
  return { type: 'malformed', identity: 'malformed', subject: 'malformed', what, details, ordered: true }
}

/** Packet Identifiers of requests and those of messages are told apart by what answers them. */
function requestOf(type: PacketType | undefined): string {
  if (type === 'SUBSCRIBE' || type === 'SUBACK') return 'subscribe'
  return type === 'UNSUBSCRIBE' || type === 'UNSUBACK' ? 'unsubscribe' : 'publish'
}

function codesOf(octets: Uint8Array, version: ProtocolVersion): string {
  const codes = decodePacket(octets, version).fields.filter(
    ({ name }) => name === 'Return Code' || name === 'Reason Code',
  )
  return codes.map(({ value }) => value).join(', ') || 'none'
}

function propertiesOf(octets: Uint8Array, version: ProtocolVersion, length: number): (readonly [string, string])[] {
  const field = decodePacket(octets, version, length).fields.find(({ name }) => name === 'Properties')
  return (field?.parts ?? []).map(({ name, value }) => [name, value] as const)
}

/** 53 bits: two payloads of one length that differ have the same about once in 10^16. */
function hashOf(octets: Uint8Array): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (const octet of octets) {
    a = Math.imul(a ^ octet, 2654435761)
    b = Math.imul(b ^ octet, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16)
}

/** What a broker says of itself is never the same twice: it is not compared. */
export function isSystemMessage({ subject, type }: Observed): boolean {
  return type === 'PUBLISH' && subject.startsWith('$SYS/')
}
