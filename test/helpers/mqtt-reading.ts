import { Buffer } from 'node:buffer'
import {
  type Kind,
  kinds,
  type PropertyName,
  type PropertyValue,
  propertyTable,
  type QoS,
  type Version,
} from './mqtt-octets.ts'

/** A Control Packet that the broker sent. What its kind has not, has the value of its absence. */
export interface Came {
  readonly kind: Kind
  /** The low four bits of the first octet. */
  readonly flags: number
  /** All its octets. */
  readonly octets: Buffer
  /** 0 where there is none. */
  readonly packetId: number
  /** Return Code or Reason Code; 0 where it is left out. */
  readonly code: number
  readonly sessionPresent: boolean
  readonly topic: string
  readonly payload: Buffer
  /** The payload as text. */
  readonly text: string
  readonly qos: QoS
  readonly dup: boolean
  readonly retain: boolean
  /** Of SUBACK and UNSUBACK. */
  readonly codes: readonly number[]
  /** In the order of the packet. */
  readonly properties: readonly (readonly [PropertyName, PropertyValue])[]
}

/** The first value of a property; undefined where it is not there. */
export function property(came: Came, name: PropertyName): PropertyValue | undefined {
  return came.properties.find(([found]) => found === name)?.[1]
}

/** Every value of a property that may come more than once. */
export function propertyValues(came: Came, name: PropertyName): PropertyValue[] {
  return came.properties.filter(([found]) => found === name).map(([, value]) => value)
}

/** A line that says what came. */
export function describeCame(came: Came): string {
  const { kind, packetId, code, topic, qos, dup, retain, payload, codes } = came
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`
  if (kind !== 'PUBLISH') {
    const all = codes.length > 0 ? codes.map(hex).join(' ') : hex(code)
    return `${kind}(${packetId === 0 ? '' : `id ${packetId}, `}${all})`
  }
  const flags = [`q${qos}`, ...(dup ? ['DUP'] : []), ...(retain ? ['RETAIN'] : []), `id ${packetId}`].join(' ')
  return `PUBLISH(${flags} '${topic.slice(0, 60)}' ${payload.length} octets '${payload.toString().slice(0, 30)}')`
}

/**
 * Takes the whole packets off the front of a stream; gives them and the octets that are left.
 *
 * @throws on octets that are no packet of a broker: then the broker is wrong, whatever was tested.
 */
export function readPackets(stream: Buffer, version: Version): { packets: Came[]; rest: Buffer } {
  const packets: Came[] = []
  let at = 0
  for (;;) {
    const size = packetSize(stream, at)
    if (size === undefined || at + size.total > stream.length) return { packets, rest: stream.subarray(at) }
    packets.push(readPacket(stream.subarray(at, at + size.total), size.header, version))
    at += size.total
  }
}

function packetSize(stream: Buffer, at: number): { header: number; total: number } | undefined {
  let value = 0
  for (let index = 0; index < 4; index++) {
    const octet = stream[at + 1 + index]
    if (octet === undefined) return undefined
    value += (octet & 0x7f) * 128 ** index
    if (octet < 0x80) return { header: 2 + index, total: 2 + index + value }
  }
  throw new Error('the broker sent a Remaining Length of more than four octets')
}

const names = new Map<number, Kind>(Object.entries(kinds).map(([kind, number]) => [number, kind as Kind]))
const propertyNames = new Map(
  Object.entries(propertyTable).map(([name, [id, encoding]]) => [
    id as number,
    [name as PropertyName, encoding] as const,
  ]),
)

class Reader {
  readonly octets: Buffer
  at: number

  constructor(octets: Buffer, at: number) {
    this.octets = octets
    this.at = at
  }

  get left(): number {
    return this.octets.length - this.at
  }

  take(length: number): Buffer {
    if (length > this.left)
      throw new Error(`the broker sent a packet that is too short: ${this.octets.toString('hex')}`)
    this.at += length
    return this.octets.subarray(this.at - length, this.at)
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  u16(): number {
    return this.take(2).readUInt16BE()
  }

  field(): Buffer {
    return this.take(this.u16())
  }

  variable(): number {
    let value = 0
    for (let index = 0; index < 4; index++) {
      const octet = this.byte()
      value += (octet & 0x7f) * 128 ** index
      if (octet < 0x80) return value
    }
    throw new Error('the broker sent a Variable Byte Integer of more than four octets')
  }

  /** Nothing where the packet has ended: the Property Length may be left out then [MQTT 5 §3.4.2.2.1]. */
  properties(): [PropertyName, PropertyValue][] {
    if (this.left === 0) return []
    const end = this.variable() + this.at
    const list: [PropertyName, PropertyValue][] = []
    while (this.at < end) {
      const id = this.variable()
      const known = propertyNames.get(id)
      if (known === undefined) throw new Error(`the broker sent the unknown property ${id}`)
      list.push([known[0], this.value(known[1])])
    }
    if (this.at !== end) throw new Error('the broker sent a Property Length that does not fit')
    return list
  }

  value(encoding: string): PropertyValue {
    if (encoding === 'byte') return this.byte()
    if (encoding === 'u16') return this.u16()
    if (encoding === 'u32') return this.take(4).readUInt32BE()
    if (encoding === 'variable') return this.variable()
    if (encoding === 'binary') return this.field()
    if (encoding === 'text') return this.field().toString()
    return [this.field().toString(), this.field().toString()]
  }
}

/** What a broker may send at all, with the flags that it must have. */
const flagsOf: Partial<Record<Kind, number>> = {
  CONNACK: 0,
  PUBACK: 0,
  PUBREC: 0,
  PUBREL: 2,
  PUBCOMP: 0,
  SUBACK: 0,
  UNSUBACK: 0,
  PINGRESP: 0,
  DISCONNECT: 0,
  AUTH: 0,
}

function readPacket(octets: Buffer, header: number, version: Version): Came {
  const first = octets.readUInt8()
  const kind = names.get(first >>> 4)
  const flags = first & 0x0f
  if (kind === undefined || (kind !== 'PUBLISH' && flagsOf[kind] !== flags)) {
    throw new Error(`the broker sent a packet that starts with 0x${first.toString(16)}`)
  }
  const reader = new Reader(octets, header)
  const blank: Came = {
    kind,
    flags,
    octets,
    packetId: 0,
    code: 0,
    sessionPresent: false,
    topic: '',
    payload: Buffer.alloc(0),
    text: '',
    qos: 0,
    dup: false,
    retain: false,
    codes: [],
    properties: [],
  }
  const came = { ...blank, ...readBody(reader, kind, flags, version) }
  if (reader.left > 0) throw new Error(`the broker sent a ${kind} with octets that belong to nothing`)
  return came
}

function readBody(reader: Reader, kind: Kind, flags: number, version: Version): Partial<Came> {
  const is5 = version === 5
  switch (kind) {
    case 'CONNACK': {
      const acknowledge = reader.byte()
      if (acknowledge > 1) throw new Error('the broker sent a CONNACK with reserved flags [MQTT5-3.2.2-1]')
      return { sessionPresent: acknowledge === 1, code: reader.byte(), properties: is5 ? reader.properties() : [] }
    }
    case 'PUBLISH':
      return readPublish(reader, flags, is5)
    case 'SUBACK':
    case 'UNSUBACK': {
      const packetId = reader.u16()
      const properties = is5 ? reader.properties() : []
      return { packetId, properties, codes: [...reader.take(reader.left)] }
    }
    case 'PINGRESP':
      return {}
    case 'DISCONNECT':
    case 'AUTH':
      if (!is5) throw new Error(`the broker sent ${kind} to a client of MQTT 3`)
      return { code: reader.left > 0 ? reader.byte() : 0, properties: reader.properties() }
    default: {
      const packetId = reader.u16()
      const code = is5 && reader.left > 0 ? reader.byte() : 0
      return { packetId, code, properties: is5 ? reader.properties() : [] }
    }
  }
}

function readPublish(reader: Reader, flags: number, is5: boolean): Partial<Came> {
  const qos = ((flags >>> 1) & 3) as QoS
  if (((flags >>> 1) & 3) === 3) throw new Error('the broker sent a PUBLISH of QoS 3 [MQTT-3.3.1-4]')
  const topic = reader.field().toString()
  const packetId = qos > 0 ? reader.u16() : 0
  if (qos > 0 && packetId === 0) throw new Error('the broker sent a Packet Identifier of 0 [MQTT-2.3.1-1]')
  const properties = is5 ? reader.properties() : []
  const payload = reader.take(reader.left)
  return {
    topic,
    packetId,
    properties,
    payload,
    text: payload.toString(),
    qos,
    dup: (flags & 8) !== 0,
    retain: (flags & 1) !== 0,
  }
}
