import { type PacketType, type ProtocolVersion, packetTypeOf, type QoS } from './control-packet.ts'

/** What a line in a list shows of a Control Packet. Fields that the packet does not have are undefined. */
export interface PacketSummary {
  readonly type: PacketType | undefined
  readonly packetId: number | undefined
  readonly qos: QoS | undefined
  readonly dup: boolean
  readonly retain: boolean
  /** Topic Name of a PUBLISH, or the first Topic Filter of a SUBSCRIBE or UNSUBSCRIBE. */
  readonly topic: string | undefined
  /** The Application Message of a PUBLISH; a view into the packet. */
  readonly payload: Uint8Array | undefined
  /** CONNECT only. */
  readonly clientId: string | undefined
  /** CONNECT only: the user name, where it has one. */
  readonly userName: string | undefined
  /** CONNECT only: the Protocol Level, whatever its value. */
  readonly protocolVersion: number | undefined
  /** CONNECT: the interval in seconds, 0 is off. */
  readonly keepAlive: number | undefined
  /** CONNECT: Clean Session (3.1.1) or Clean Start (5). */
  readonly clean: boolean | undefined
  /** CONNACK only. */
  readonly sessionPresent: boolean | undefined
  /**
   * Return Code of CONNACK, the first one of SUBACK; in MQTT 5 the Reason Code of any packet that has one. Undefined
   * where the packet leaves it out, which MQTT 5 reads as 0.
   */
  readonly code: number | undefined
}

/** Up to 4 octets hold the Remaining Length [MQTT-2.2.3]; more is malformed. */
export interface VariableByteInteger {
  readonly value: number
  /** The position after the last octet. */
  readonly end: number
}

/** Reads a Variable Byte Integer [MQTT 5 §1.5.5]; undefined when it is cut short or longer than four octets. */
export function readVariableByteInteger(octets: Uint8Array, start: number): VariableByteInteger | undefined {
  let value = 0
  let shift = 0
  for (let at = start; at < start + 4; at++) {
    const octet = octets[at]
    if (octet === undefined) return undefined
    value += (octet & 0x7f) << shift
    if ((octet & 0x80) === 0) return { value, end: at + 1 }
    shift += 7
  }
  return undefined
}

// A byte order mark at the start is a character like any other [MQTT-1.5.3-3].
const text = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Reads what a list shows, and nothing more, from one whole Control Packet. Never throws: of a malformed packet it gives
 * as much as can be read, up to the first field that is cut short.
 *
 * @param version the Protocol Level of the connection's CONNECT; a CONNECT brings its own.
 */
export function summarize(octets: Uint8Array, version: ProtocolVersion): PacketSummary {
  const summary = blank(octets)
  const length = readVariableByteInteger(octets, 1)
  if (length === undefined) return summary
  const reader = new Reader(octets, length.end)
  switch (summary.type) {
    case 'CONNECT':
      return readConnect(summary, reader)
    case 'CONNACK': {
      const flags = reader.octet()
      return { ...summary, sessionPresent: flags === undefined ? undefined : (flags & 1) === 1, code: reader.octet() }
    }
    case 'PUBLISH': {
      const topic = reader.string()
      // With both QoS bits set [MQTT-3.3.1-4] nobody can say whether a Packet Identifier follows.
      if (summary.qos === undefined) return { ...summary, topic }
      const packetId = summary.qos === 0 ? undefined : reader.uint16()
      if (version === 5) reader.skipProperties()
      return { ...summary, topic, packetId, payload: reader.rest() }
    }
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE': {
      const packetId = reader.uint16()
      if (version === 5) reader.skipProperties()
      return { ...summary, packetId, topic: reader.string() }
    }
    case 'SUBACK':
    case 'UNSUBACK': {
      const packetId = reader.uint16()
      if (version === 5) reader.skipProperties()
      return { ...summary, packetId, code: reader.octet() }
    }
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP':
      return { ...summary, packetId: reader.uint16(), code: reader.octet() }
    case 'DISCONNECT':
    case 'AUTH':
      return { ...summary, code: reader.octet() }
    default:
      return summary
  }
}

type Draft = { -readonly [K in keyof PacketSummary]: PacketSummary[K] }

function blank(octets: Uint8Array): Draft {
  const first = octets[0] ?? 0
  const type = packetTypeOf(first)
  const publish = type === 'PUBLISH'
  const qos = (first >>> 1) & 3
  return {
    type,
    packetId: undefined,
    qos: publish && qos < 3 ? (qos as QoS) : undefined,
    dup: publish && (first & 8) !== 0,
    retain: publish && (first & 1) !== 0,
    topic: undefined,
    payload: undefined,
    clientId: undefined,
    userName: undefined,
    protocolVersion: undefined,
    keepAlive: undefined,
    clean: undefined,
    sessionPresent: undefined,
    code: undefined,
  }
}

/**
 * [MQTT 3.1.1 §3.1.2, §3.1.3]: protocol name, level, flags, keep alive; in MQTT 5 properties; then the Client Identifier,
 * the Will Message and the user name, where there are any.
 */
function readConnect(summary: Draft, reader: Reader): PacketSummary {
  reader.string()
  summary.protocolVersion = reader.octet()
  const flags = reader.octet()
  summary.clean = flags === undefined ? undefined : (flags & 2) !== 0
  summary.keepAlive = reader.uint16()
  if (summary.protocolVersion === 5) reader.skipProperties()
  summary.clientId = reader.string()
  if (flags === undefined || (flags & 0x80) === 0) return summary
  if ((flags & 4) !== 0) {
    if (summary.protocolVersion === 5) reader.skipProperties()
    reader.string()
    reader.skipBinary()
  }
  summary.userName = reader.string()
  return summary
}

/** Reads fields one after the other; everything from the first field on that is cut short is undefined. */
class Reader {
  readonly #octets: Uint8Array
  #at: number

  constructor(octets: Uint8Array, start: number) {
    this.#octets = octets
    this.#at = start
  }

  octet(): number | undefined {
    const start = this.#take(1)
    return start === undefined ? undefined : this.#octets[start]
  }

  uint16(): number | undefined {
    const start = this.#take(2)
    return start === undefined ? undefined : (this.#octets[start] as number) * 256 + (this.#octets[start + 1] as number)
  }

  string(): string | undefined {
    const length = this.uint16()
    const start = length === undefined ? undefined : this.#take(length)
    return start === undefined ? undefined : text.decode(this.#octets.subarray(start, this.#at))
  }

  skipBinary(): void {
    const length = this.uint16()
    if (length !== undefined) this.#take(length)
  }

  skipProperties(): void {
    const length = readVariableByteInteger(this.#octets, this.#at)
    this.#take(length === undefined ? Number.POSITIVE_INFINITY : length.end - this.#at + length.value)
  }

  rest(): Uint8Array | undefined {
    return this.#at > this.#octets.length ? undefined : this.#octets.subarray(this.#at)
  }

  /** Moves past so many octets and gives where they start; past the end for good when there are not so many. */
  #take(count: number): number | undefined {
    const start = this.#at
    if (start + count <= this.#octets.length) {
      this.#at += count
      return start
    }
    this.#at = Number.POSITIVE_INFINITY
    return undefined
  }
}
