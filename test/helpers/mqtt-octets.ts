import { Buffer } from 'node:buffer'

/** The octets of MQTT 3.1, 3.1.1 and 5, right and wrong ones. It shares nothing with what the broker reads and writes. */

export type Version = 3 | 4 | 5

export type QoS = 0 | 1 | 2

/** Text is taken as UTF-8. */
export type Octets = string | Uint8Array

/** A number is one octet. */
export type Part = number | Octets

export const kinds = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
  AUTH: 15,
} as const

export type Kind = keyof typeof kinds

/** Identifier and encoding of each property [MQTT 5 §2.2.2.2]. */
export const propertyTable = {
  payloadFormatIndicator: [0x01, 'byte'],
  messageExpiryInterval: [0x02, 'u32'],
  contentType: [0x03, 'text'],
  responseTopic: [0x08, 'text'],
  correlationData: [0x09, 'binary'],
  subscriptionIdentifier: [0x0b, 'variable'],
  sessionExpiryInterval: [0x11, 'u32'],
  assignedClientIdentifier: [0x12, 'text'],
  serverKeepAlive: [0x13, 'u16'],
  authenticationMethod: [0x15, 'text'],
  authenticationData: [0x16, 'binary'],
  requestProblemInformation: [0x17, 'byte'],
  willDelayInterval: [0x18, 'u32'],
  requestResponseInformation: [0x19, 'byte'],
  responseInformation: [0x1a, 'text'],
  serverReference: [0x1c, 'text'],
  reasonString: [0x1f, 'text'],
  receiveMaximum: [0x21, 'u16'],
  topicAliasMaximum: [0x22, 'u16'],
  topicAlias: [0x23, 'u16'],
  maximumQoS: [0x24, 'byte'],
  retainAvailable: [0x25, 'byte'],
  userProperty: [0x26, 'pair'],
  maximumPacketSize: [0x27, 'u32'],
  wildcardSubscriptionAvailable: [0x28, 'byte'],
  subscriptionIdentifierAvailable: [0x29, 'byte'],
  sharedSubscriptionAvailable: [0x2a, 'byte'],
} as const

export type PropertyName = keyof typeof propertyTable

export type PropertyValue = number | string | Buffer | [string, string]

/** One property after the other, in the order of the packet; a name may come twice. */
export type PropertyList = readonly (readonly [PropertyName, number | Octets | readonly [Octets, Octets]])[]

export function octets(...parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string))))
}

export function u16(value: number): Buffer {
  return Buffer.of(value >>> 8, value & 0xff)
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

/** A Variable Byte Integer [MQTT-2.2.3]; with `length` it takes so many octets also where fewer would do. */
export function variable(value: number, length = 1): Buffer {
  const out: number[] = []
  let rest = value
  do {
    const more = rest > 127 || out.length + 1 < length
    out.push((rest % 128) | (more ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0 || out.length < length)
  return Buffer.from(out)
}

/** Two octets of length, and then what they count. */
export function field(content: Octets): Buffer {
  const bytes = Buffer.from(content as string)
  return octets(u16(bytes.length), bytes)
}

/** A whole Control Packet; `first` is type and flags. */
export function packet(first: number, ...body: readonly Part[]): Buffer {
  const content = octets(...body)
  return octets(first, variable(content.length), content)
}

/** Property Length and the properties. */
export function properties(list: PropertyList = []): Buffer {
  const all = octets(
    ...list.flatMap(([name, value]) => [propertyTable[name][0], encodeValue(propertyTable[name][1], value)]),
  )
  return octets(variable(all.length), all)
}

function encodeValue(encoding: string, value: PropertyList[number][1]): Buffer {
  if (encoding === 'pair') return octets(...(value as readonly [Octets, Octets]).map(field))
  if (typeof value !== 'number') return field(value as Octets)
  if (encoding === 'byte') return Buffer.of(value)
  if (encoding === 'u16') return u16(value)
  return encoding === 'u32' ? u32(value) : variable(value)
}

export interface Will {
  readonly topic: Octets
  readonly payload: Octets
  readonly qos?: number
  readonly retain?: boolean
  readonly properties?: PropertyList
}

export interface Connect {
  readonly version?: Version
  readonly id?: Octets
  readonly clean?: boolean
  /** Seconds. */
  readonly keepAlive?: number
  readonly will?: Will
  readonly userName?: Octets
  readonly password?: Octets
  readonly properties?: PropertyList
  /** Instead of what follows from the rest. */
  readonly protocolName?: Octets
  readonly level?: number
  readonly flags?: number
}

export function connect(options: Connect = {}): Buffer {
  const { version = 4, id = '', clean = true, keepAlive = 0, will, userName, password } = options
  const flags =
    (clean ? 2 : 0) |
    (will === undefined ? 0 : 4 | ((will.qos ?? 0) << 3) | (will.retain ? 32 : 0)) |
    (userName === undefined ? 0 : 128) |
    (password === undefined ? 0 : 64)
  const is5 = version === 5
  const willParts =
    will === undefined ? [] : [...(is5 ? [properties(will.properties)] : []), field(will.topic), field(will.payload)]
  return packet(
    0x10,
    field(options.protocolName ?? (version === 3 ? 'MQIsdp' : 'MQTT')),
    options.level ?? version,
    options.flags ?? flags,
    u16(keepAlive),
    ...(is5 ? [properties(options.properties)] : []),
    field(id),
    ...willParts,
    ...(userName === undefined ? [] : [field(userName)]),
    ...(password === undefined ? [] : [field(password)]),
  )
}

export interface Publish {
  readonly qos?: number
  readonly dup?: boolean
  readonly retain?: boolean
  readonly packetId?: number
  readonly properties?: PropertyList
}

export function publish(version: Version, topic: Octets, payload: Octets, options: Publish = {}): Buffer {
  const { qos = 0, packetId, dup = false, retain = false } = options
  return packet(
    0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
    field(topic),
    ...(packetId === undefined ? [] : [u16(packetId)]),
    ...(version === 5 ? [properties(options.properties)] : []),
    payload,
  )
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP; with a code in the form of MQTT 5. */
export function ack(
  kind: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP',
  packetId: number,
  code?: number,
  list?: PropertyList,
): Buffer {
  return packet(
    (kinds[kind] << 4) | (kind === 'PUBREL' ? 2 : 0),
    u16(packetId),
    ...(code === undefined ? [] : [code]),
    ...(list === undefined ? [] : [properties(list)]),
  )
}

/** Topic Filter and Subscription Options. */
export type Filter = readonly [filter: Octets, options: number]

export function subscribe(
  version: Version,
  packetId: number,
  filters: readonly Filter[],
  list: PropertyList = [],
): Buffer {
  return packet(
    0x82,
    u16(packetId),
    ...(version === 5 ? [properties(list)] : []),
    ...filters.flatMap(([filter, options]) => [field(filter), options]),
  )
}

export function unsubscribe(
  version: Version,
  packetId: number,
  filters: readonly Octets[],
  list: PropertyList = [],
): Buffer {
  return packet(0xa2, u16(packetId), ...(version === 5 ? [properties(list)] : []), ...filters.map(field))
}

/** With a code in the form of MQTT 5. */
export function disconnect(code?: number, list?: PropertyList): Buffer {
  return packet(0xe0, ...(code === undefined ? [] : [code]), ...(list === undefined ? [] : [properties(list)]))
}

export function auth(code: number, list: PropertyList = []): Buffer {
  return packet(0xf0, code, properties(list))
}

export const pingreq = Buffer.of(0xc0, 0)
