import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import { readVariableByteInteger } from '../mqtt/summary.ts'
import { refuses } from '../qos/sender.ts'
import type { TopicNames } from './topic-names.ts'

/** A PUBLISH, as far as a handshake needs it. */
export interface PublishFields {
  /** Empty where MQTT 5 sends an alias instead. */
  readonly topic: string
  readonly qos: QoS
  readonly packetId: number | undefined
  readonly dup: boolean
  readonly retain: boolean
  /** Where the Application Message starts; the packet may be captured only in part. */
  readonly payloadStart: number
  /** Topic Alias [MQTT 5 §3.3.2.3.4]. */
  readonly alias: number | undefined
}

/** Where the variable header starts; 0 where the fixed header cannot be read. Cheaper than the general reader. */
function bodyStart(octets: Uint8Array): number {
  for (let at = 1; at <= 4 && at < octets.length; at++) if ((octets[at] as number) < 0x80) return at + 1
  return 0
}

function uint16(octets: Uint8Array, at: number): number | undefined {
  const low = octets[at + 1]
  return low === undefined ? undefined : (octets[at] as number) * 256 + low
}

/** Undefined where the packet is not a PUBLISH that anybody could understand [§3.3]. */
export function readPublish(
  octets: Uint8Array,
  version: ProtocolVersion,
  names: TopicNames,
): PublishFields | undefined {
  const first = octets[0] as number
  const qos = ((first >>> 1) & 3) as QoS
  const start = bodyStart(octets)
  const length = uint16(octets, start)
  if (start === 0 || length === undefined || (qos as number) === 3) return undefined
  let at = start + 2 + length
  if (at > octets.length) return undefined
  const topic = names.read(octets, start + 2, at)
  let packetId: number | undefined
  if (qos > 0) {
    packetId = uint16(octets, at)
    // A Packet Identifier of 0 is none [MQTT-2.3.1-1].
    if (!packetId) return undefined
    at += 2
  }
  let alias: number | undefined
  if (version === 5) {
    const properties = readProperties(octets, at, 'topic alias')
    if (properties === undefined) return undefined
    alias = properties.value
    at = properties.end
  }
  return { topic, qos, packetId, dup: (first & 8) !== 0, retain: (first & 1) !== 0, payloadStart: at, alias }
}

/** The Packet Identifier of a packet whose variable header starts with it; 0 where it has none. */
export function readPacketId(octets: Uint8Array): number {
  const start = bodyStart(octets)
  return start === 0 ? 0 : (uint16(octets, start) ?? 0)
}

/**
 * The Reason Code of PUBACK, PUBREC, PUBREL or PUBCOMP where it says no, 0x92 included; otherwise undefined. Only
 * MQTT 5 has one.
 */
export function readRefusal(octets: Uint8Array, version: ProtocolVersion): number | undefined {
  if (version !== 5) return undefined
  const code = octets[bodyStart(octets) + 2]
  return code !== undefined && refuses(code) ? code : undefined
}

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
}

/** A CONNECT, as far as sessions need it [§3.1]. */
export interface ConnectFields {
  readonly version: ProtocolVersion
  readonly clientId: string
  /** Clean Session, or Clean Start of MQTT 5. */
  readonly clean: boolean
  /** Whether the Session is to outlive the Network Connection [MQTT-3.1.2-4 to 6, MQTT 5 §3.1.2.11.2]. */
  readonly kept: boolean
  readonly will: Will | undefined
}

export function readConnect(octets: Uint8Array): ConnectFields | undefined {
  const reader = new FieldReader(octets, bodyStart(octets))
  reader.binary()
  const level = reader.octet()
  const version = level === 5 ? 5 : level === 3 ? 3 : 4
  const flags = reader.octet()
  reader.skip(2)
  const expiry = version === 5 ? reader.properties('session expiry') : undefined
  const clientId = reader.string()
  const clean = (flags & 2) !== 0
  const will = (flags & 4) === 0 ? undefined : readWill(reader, flags, version)
  if (reader.failed) return undefined
  return { version, clientId, clean, kept: version === 5 ? (expiry ?? 0) > 0 : !clean, will }
}

function readWill(reader: FieldReader, flags: number, version: ProtocolVersion): Will {
  if (version === 5) reader.properties(undefined)
  const topic = reader.string()
  // Copied, because the record's octets are part of a much larger block.
  const payload = reader.binary().slice()
  const qos = ((flags >>> 3) & 3) as QoS
  return { topic, payload, qos: (qos as number) === 3 ? 0 : qos, retain: (flags & 0x20) !== 0 }
}

/** CONNACK; undefined where it refuses [§3.2]. */
export function readConnack(octets: Uint8Array): { sessionPresent: boolean } | undefined {
  const start = bodyStart(octets)
  if (start === 0 || octets[start + 1] !== 0) return undefined
  return { sessionPresent: ((octets[start] as number) & 1) === 1 }
}

/** The Topic Filters of a SUBSCRIBE or an UNSUBSCRIBE, as far as they can be read, at most `most`. */
export function readFilters(
  octets: Uint8Array,
  version: ProtocolVersion,
  options: { readonly subscribe: boolean; readonly most: number },
): string[] {
  const reader = new FieldReader(octets, bodyStart(octets) + 2)
  if (version === 5) reader.properties(undefined)
  const filters: string[] = []
  while (!reader.atEnd && filters.length < options.most) {
    const filter = reader.string()
    if (options.subscribe) reader.octet()
    if (reader.failed) break
    filters.push(filter)
  }
  return filters
}

/** The codes of a SUBACK: the granted QoS, or 0x80 and more for no [§3.9.3]. */
export function readGranted(octets: Uint8Array, version: ProtocolVersion): Uint8Array {
  const reader = new FieldReader(octets, bodyStart(octets) + 2)
  if (version === 5) reader.properties(undefined)
  return reader.rest()
}

const text = new TextDecoder('utf-8', { ignoreBOM: true })
const none = new Uint8Array(0)

/** Reads field after field; after the first that is cut short all are empty, and `failed` is true. */
class FieldReader {
  readonly #octets: Uint8Array
  #at: number
  failed = false

  constructor(octets: Uint8Array, start: number) {
    this.#octets = octets
    this.#at = start
  }

  get atEnd(): boolean {
    return this.failed || this.#at >= this.#octets.length
  }

  octet(): number {
    return this.#take(1)[0] ?? 0
  }

  skip(count: number): void {
    this.#take(count)
  }

  binary(): Uint8Array {
    const length = uint16(this.#take(2), 0)
    return length === undefined ? none : this.#take(length)
  }

  string(): string {
    return text.decode(this.binary())
  }

  /** Passes over the properties; gives the value of the one that is wanted. */
  properties(wanted: Wanted | undefined): number | undefined {
    const properties = readProperties(this.#octets, this.#at, wanted)
    if (properties === undefined) this.failed = true
    else this.#at = properties.end
    return properties?.value
  }

  rest(): Uint8Array {
    return this.failed ? none : this.#octets.subarray(this.#at)
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count
    if (this.failed || end > this.#octets.length) {
      this.failed = true
      return none
    }
    const taken = this.#octets.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

type Wanted = 'topic alias' | 'session expiry'
const identifiers = { 'topic alias': 0x23, 'session expiry': 0x11 } as const

/** How many octets a property's value has; the other ones have a length of their own [MQTT 5 §2.2.2.2]. */
const sizes = new Map<number, number>([
  ...[0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a].map((id) => [id, 1] as const),
  ...[0x13, 0x21, 0x22, 0x23].map((id) => [id, 2] as const),
  ...[0x02, 0x11, 0x18, 0x27].map((id) => [id, 4] as const),
])
const subscriptionIdentifier = 0x0b
const userProperty = 0x26

/**
 * Passes over the properties of MQTT 5 that start here; undefined where they are cut short. `value` is that of the
 * property that is wanted, as far as those before it could be read.
 */
function readProperties(
  octets: Uint8Array,
  start: number,
  wanted: Wanted | undefined,
): { end: number; value: number | undefined } | undefined {
  const length = readVariableByteInteger(octets, start)
  if (length === undefined || length.end + length.value > octets.length) return undefined
  const end = length.end + length.value
  const identifier = wanted === undefined ? undefined : identifiers[wanted]
  let at = length.end
  while (at < end && identifier !== undefined) {
    const id = octets[at++] as number
    const size = sizeOf(octets, at, id)
    if (size === undefined || at + size > end) break
    if (id === identifier) return { end, value: bigEndian(octets, at, size) }
    at += size
  }
  return { end, value: undefined }
}

function sizeOf(octets: Uint8Array, at: number, id: number): number | undefined {
  const size = sizes.get(id)
  if (size !== undefined) return size
  if (id === subscriptionIdentifier) {
    const integer = readVariableByteInteger(octets, at)
    return integer && integer.end - at
  }
  const first = uint16(octets, at)
  if (first === undefined) return undefined
  if (id !== userProperty) return first + 2
  const second = uint16(octets, at + 2 + first)
  return second === undefined ? undefined : first + second + 4
}

function bigEndian(octets: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + (octets[at + i] as number)
  return value
}
