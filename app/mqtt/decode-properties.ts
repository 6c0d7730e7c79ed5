import type { PacketType } from './control-packet.ts'
import type { PacketReader, Read, Words } from './decode-reader.ts'
import { checkTopicName } from './decode-topics.ts'
import { countOctets, describeOctets, describeText, hexOctet } from './decode-values.ts'

/** Where properties stand: a packet, or the Will Message in a CONNECT. */
export type PropertyPlace = Exclude<PacketType, 'PINGREQ' | 'PINGRESP'> | 'Will Message'

interface Kind {
  readonly name: string
  readonly type: 'octet' | 'uint16' | 'uint32' | 'variable' | 'string' | 'binary' | 'pair'
  readonly places: readonly PropertyPlace[]
  /** Places where it may stand more than once. */
  readonly repeats?: readonly PropertyPlace[]
  readonly least?: number
  readonly most?: number
  /** The statement that forbids a value outside of these bounds, where it has a number. */
  readonly statement?: string
  readonly say?: (value: number) => Words | string
}

const everywhere = [
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'DISCONNECT',
  'AUTH',
  'Will Message',
] as const
const answers = everywhere.filter(
  (place) => !['CONNECT', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'Will Message'].includes(place),
)
const messages = ['PUBLISH', 'Will Message'] as const
const handshake = ['CONNECT', 'CONNACK'] as const
const flag = { type: 'octet', most: 1 } as const

const cutShort = 'cut short'
const seconds = (value: number) => `${value} s`
const expiry = (value: number) =>
  value === 0xffffffff ? { value: seconds(value), remark: 'the Session does not expire' } : seconds(value)
const yesNo = (value: number) => ({ value: String(value), remark: value === 0 ? 'no' : 'yes' })
const format = (value: number) => ({
  value: String(value),
  remark: value === 0 ? 'unspecified octets' : 'UTF-8 Encoded Character Data',
})
const octetCount = (value: number) => countOctets(value)

/** Every property of MQTT 5 [MQTT 5 §2.2.2.2, Table 2-4]. */
const kinds = new Map<number, Kind>([
  [0x01, { name: 'Payload Format Indicator', ...flag, places: messages, say: format }],
  [0x02, { name: 'Message Expiry Interval', type: 'uint32', places: messages, say: seconds }],
  [0x03, { name: 'Content Type', type: 'string', places: messages }],
  [0x08, { name: 'Response Topic', type: 'string', places: messages }],
  [0x09, { name: 'Correlation Data', type: 'binary', places: messages }],
  [
    0x0b,
    {
      name: 'Subscription Identifier',
      type: 'variable',
      places: ['PUBLISH', 'SUBSCRIBE'],
      repeats: ['PUBLISH'],
      least: 1,
    },
  ],
  [0x11, { name: 'Session Expiry Interval', type: 'uint32', places: [...handshake, 'DISCONNECT'], say: expiry }],
  [0x12, { name: 'Assigned Client Identifier', type: 'string', places: ['CONNACK'] }],
  [0x13, { name: 'Server Keep Alive', type: 'uint16', places: ['CONNACK'], say: seconds }],
  [0x15, { name: 'Authentication Method', type: 'string', places: [...handshake, 'AUTH'] }],
  [0x16, { name: 'Authentication Data', type: 'binary', places: [...handshake, 'AUTH'] }],
  [0x17, { name: 'Request Problem Information', ...flag, places: ['CONNECT'], say: yesNo }],
  [0x18, { name: 'Will Delay Interval', type: 'uint32', places: ['Will Message'], say: seconds }],
  [0x19, { name: 'Request Response Information', ...flag, places: ['CONNECT'], say: yesNo }],
  [0x1a, { name: 'Response Information', type: 'string', places: ['CONNACK'] }],
  [0x1c, { name: 'Server Reference', type: 'string', places: ['CONNACK', 'DISCONNECT'] }],
  [0x1f, { name: 'Reason String', type: 'string', places: answers }],
  [0x21, { name: 'Receive Maximum', type: 'uint16', places: handshake, least: 1 }],
  [0x22, { name: 'Topic Alias Maximum', type: 'uint16', places: handshake }],
  [0x23, { name: 'Topic Alias', type: 'uint16', places: ['PUBLISH'], least: 1, statement: 'MQTT-3.3.2-8' }],
  [0x24, { name: 'Maximum QoS', ...flag, places: ['CONNACK'], say: (value) => `QoS ${value}` }],
  [0x25, { name: 'Retain Available', ...flag, places: ['CONNACK'], say: yesNo }],
  [0x26, { name: 'User Property', type: 'pair', places: everywhere, repeats: everywhere }],
  [0x27, { name: 'Maximum Packet Size', type: 'uint32', places: handshake, least: 1, say: octetCount }],
  [0x28, { name: 'Wildcard Subscription Available', ...flag, places: ['CONNACK'], say: yesNo }],
  [0x29, { name: 'Subscription Identifier Available', ...flag, places: ['CONNACK'], say: yesNo }],
  [0x2a, { name: 'Shared Subscription Available', ...flag, places: ['CONNACK'], say: yesNo }],
])

export const payloadFormatIndicator = 0x01
const responseTopic = 0x08
export const authenticationMethod = 0x15
export const authenticationData = 0x16
export const topicAlias = 0x23

/** The properties that were found, by their identifiers; those that are numbers with the number, others with 0. */
export type Properties = ReadonlyMap<number, number>

/** Reads a Property Length and what follows it [MQTT 5 §2.2.2]. */
export function readProperties(reader: PacketReader, place: PropertyPlace): Properties {
  const found = new Map<number, number>()
  const isWill = place === 'Will Message'
  reader.group(isWill ? 'Will Properties' : 'Properties', () => {
    const lengthName = isWill ? 'Will Property Length' : 'Property Length'
    const length = reader.variable(lengthName, octetCount, reader.statement(undefined, '2.2.2-1'))
    if (length === undefined) return cutShort
    const isCut = length.value > reader.left
    if (isCut && !reader.isCutOff) {
      const message = `${lengthName} promises ${countOctets(length.value)}, ${reader.left} are left`
      reader.violate(undefined, message, length.start, length.end)
      reader.stop()
      return cutShort
    }
    let count = 0
    reader.within(Math.min(length.value, reader.left), () => {
      count = reader.items('properties', () => readProperty(reader, place, found))
    })
    if (isCut) reader.stop()
    return count === 0 ? 'none' : count === 1 ? '1 property' : `${count} properties`
  })
  return found
}

function readProperty(reader: PacketReader, place: PropertyPlace, found: Map<number, number>): void {
  const start = reader.at
  // All that exist are below 128, so that their Variable Byte Integer is one octet.
  const identifier = reader.octets[start]
  const kind = identifier === undefined ? undefined : kinds.get(identifier)
  if (identifier !== undefined && kind === undefined) {
    const message = `${hexOctet(identifier)} is no Property Identifier; how long the property is, nobody can know`
    reader.violate(undefined, message, start, start + 1)
    reader.rest('Unknown property', (kept, length) => `${hexOctet(identifier)}, ${describeOctets(kept, length)}`)
    return
  }
  if (identifier === undefined || kind === undefined) {
    reader.octet('Property Identifier', hexOctet)
    return
  }
  reader.group(kind.name, () => {
    reader.octet('Property Identifier', hexOctet)
    const again = found.has(identifier)
    const words = readValue(reader, kind, identifier, found)
    checkPlace(reader, kind, place, start, again)
    return words
  })
}

function readValue(reader: PacketReader, kind: Kind, identifier: number, found: Map<number, number>): Words | string {
  found.set(identifier, 0)
  switch (kind.type) {
    case 'string': {
      const read = reader.string(kind.name)
      if (read !== undefined && identifier === responseTopic) {
        checkTopicName(reader, kind.name, read, reader.statement(undefined, '3.3.2-14'))
      }
      return read === undefined ? cutShort : describeText(read.value)
    }
    case 'binary': {
      const read = reader.binary(kind.name, (octets) => describeOctets(octets))
      return read === undefined ? cutShort : describeOctets(read.value)
    }
    case 'pair': {
      const key = reader.string('Name')
      const value = reader.string('Value')
      if (key === undefined || value === undefined) return cutShort
      return `${describeText(key.value)} = ${describeText(value.value)}`
    }
    default: {
      const say = kind.say ?? String
      const read = readNumber(reader, kind, say)
      if (read === undefined) return cutShort
      found.set(identifier, read.value)
      checkBounds(reader, kind, read)
      return say(read.value)
    }
  }
}

function readNumber(
  reader: PacketReader,
  kind: Kind,
  say: (value: number) => Words | string,
): Read<number> | undefined {
  switch (kind.type) {
    case 'octet':
      return reader.octet(kind.name, say)
    case 'uint16':
      return reader.uint16(kind.name, say)
    case 'uint32':
      return reader.uint32(kind.name, say)
    default:
      return reader.variable(kind.name, say)
  }
}

function checkBounds(reader: PacketReader, kind: Kind, { value, start, end }: Read<number>): void {
  if (value < (kind.least ?? 0)) {
    reader.violate(kind.statement, `${kind.name} is ${value}, which it must not be`, start, end)
  } else if (value > (kind.most ?? Number.POSITIVE_INFINITY)) {
    reader.violate(kind.statement, `${kind.name} is ${value}; it can be 0 or 1`, start, end)
  }
}

function checkPlace(reader: PacketReader, kind: Kind, place: PropertyPlace, start: number, again: boolean): void {
  const inPlace = place === 'Will Message' ? 'a Will Message' : place
  if (!kind.places.includes(place)) {
    reader.violate(undefined, `${kind.name} is not a property of ${inPlace}`, start, reader.at)
  } else if (again && !kind.repeats?.includes(place)) {
    reader.violate(undefined, `${kind.name} is there more than once, a Protocol Error`, start, reader.at)
  }
}

/** A message that says of itself that it is text is well-formed UTF-8 [MQTT 5 §3.3.2.3.2, §3.1.3.2.3]. */
export function claimsText(properties: Properties): boolean {
  return properties.get(payloadFormatIndicator) === 1
}
