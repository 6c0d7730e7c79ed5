import type { MessageProperties, UserProperties } from '../packets.ts'
import type { Cursor } from './cursor.ts'
import { invalidTopicAlias, malformed, protocolError, refuse } from './refuse.ts'

/** Where a Client may send properties [MQTT 5 §2.2.2.2]. */
export type PropertyPlace =
  | 'CONNECT'
  | 'Will Message'
  | 'PUBLISH'
  | 'acknowledgement'
  | 'SUBSCRIBE'
  | 'UNSUBSCRIBE'
  | 'DISCONNECT'
  | 'AUTH'

/** What properties say; undefined is what was not there. Binary Data are views of the packet. */
export class PropertyValues {
  payloadFormatIndicator: 0 | 1 | undefined = undefined
  messageExpiryInterval: number | undefined = undefined
  contentType: string | undefined = undefined
  responseTopic: string | undefined = undefined
  correlationData: Uint8Array | undefined = undefined
  subscriptionIdentifier: number | undefined = undefined
  sessionExpiryInterval: number | undefined = undefined
  authenticationMethod: string | undefined = undefined
  authenticationData: Uint8Array | undefined = undefined
  requestProblemInformation: 0 | 1 | undefined = undefined
  willDelayInterval: number | undefined = undefined
  requestResponseInformation: 0 | 1 | undefined = undefined
  reasonString: string | undefined = undefined
  receiveMaximum: number | undefined = undefined
  topicAliasMaximum: number | undefined = undefined
  topicAlias: number | undefined = undefined
  maximumPacketSize: number | undefined = undefined
  userProperties: [name: string, value: string][] | undefined = undefined
}

const userProperty = 0x26
const subscriptionIdentifier = 0x0b

/** Property Identifiers as bits: those below 32, and the others. */
interface Mask {
  readonly low: number
  readonly high: number
}

function maskOf(...identifiers: readonly number[]): Mask {
  let low = 0
  let high = 0
  for (const identifier of identifiers) {
    if (identifier < 32) low |= 1 << identifier
    else high |= 1 << (identifier - 32)
  }
  return { low, high }
}

const allowed: Readonly<Record<PropertyPlace, Mask>> = {
  CONNECT: maskOf(0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27),
  'Will Message': maskOf(0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26),
  PUBLISH: maskOf(0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26),
  acknowledgement: maskOf(0x1f, 0x26),
  SUBSCRIBE: maskOf(0x0b, 0x26),
  UNSUBSCRIBE: maskOf(0x26),
  DISCONNECT: maskOf(0x11, 0x1c, 0x1f, 0x26),
  AUTH: maskOf(0x15, 0x16, 0x1f, 0x26),
}

/**
 * Reads a Property Length and the properties after it [MQTT 5 §2.2.2]; undefined where there are none.
 *
 * @throws PacketError for a property that this place has not, comes twice, or has a value that it must not have.
 */
export function readProperties(cursor: Cursor, place: PropertyPlace): PropertyValues | undefined {
  const length = cursor.variable('Property Length', ['2.2.2-1', '2.2.2-1'])
  if (length === 0) return undefined
  const { end } = cursor
  if (length > end - cursor.at) {
    const message = `Property Length promises ${length} octets, ${end - cursor.at} are left`
    refuse(malformed, 5, '§2.2.2.1', '§2.2.2.1', message)
  }
  const values = new PropertyValues()
  const { low, high } = allowed[place]
  let seenLow = 0
  let seenHigh = 0
  cursor.end = cursor.at + length
  while (cursor.at < cursor.end) {
    const identifier = cursor.octet('Property Identifier')
    const bit = 1 << (identifier & 31)
    if (identifier >= 64 || ((identifier < 32 ? low : high) & bit) === 0) refuseProperty(identifier, place)
    if (identifier !== userProperty) {
      if (((identifier < 32 ? seenLow : seenHigh) & bit) !== 0) refuseTwice(identifier)
      if (identifier < 32) seenLow |= bit
      else seenHigh |= bit
    }
    readProperty(cursor, identifier, values)
  }
  cursor.end = end
  return values
}

/** What of these properties goes on to subscribers; undefined where nothing does [MQTT 5 §3.3.2.3]. */
export function messageProperties(values: PropertyValues | undefined): MessageProperties | undefined {
  if (values === undefined) return undefined
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties } = values
  const nothing =
    payloadFormatIndicator === undefined &&
    contentType === undefined &&
    responseTopic === undefined &&
    correlationData === undefined &&
    userProperties === undefined
  return nothing ? undefined : { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties }
}

function refuseProperty(identifier: number, place: PropertyPlace): never {
  if (place === 'PUBLISH' && identifier === subscriptionIdentifier) {
    const message = 'PUBLISH of a Client has a Subscription Identifier, which only a Server may send'
    refuse(protocolError, 5, '3.3.4-6', '3.3.4-6', message)
  }
  const where = place === 'acknowledgement' ? 'an acknowledgement' : place
  const name = `0x${identifier.toString(16).padStart(2, '0')}`
  return refuse(malformed, 5, '§2.2.2.2', '§2.2.2.2', `${name} is not a property of ${where}`)
}

function refuseTwice(identifier: number): never {
  const name = `0x${identifier.toString(16).padStart(2, '0')}`
  return refuse(protocolError, 5, '§2.2.2.2', '§2.2.2.2', `property ${name} is there more than once`)
}

function readProperty(cursor: Cursor, identifier: number, values: PropertyValues): void {
  switch (identifier) {
    case 0x01:
      values.payloadFormatIndicator = flag(cursor, 'Payload Format Indicator', '§3.3.2.3.2')
      return
    case 0x02:
      values.messageExpiryInterval = cursor.uint32('Message Expiry Interval')
      return
    case 0x03:
      values.contentType = cursor.string('Content Type')
      return
    case 0x08:
      values.responseTopic = responseTopic(cursor)
      return
    case 0x09:
      values.correlationData = cursor.binary('Correlation Data')
      return
    case 0x0b:
      values.subscriptionIdentifier = notZero(cursor.variable('Subscription Identifier'), identifier)
      return
    case 0x18:
      values.willDelayInterval = cursor.uint32('Will Delay Interval')
      return
    case 0x23:
      values.topicAlias = notZero(cursor.uint16('Topic Alias'), identifier)
      return
    case userProperty:
      addUserProperty(cursor, values)
      return
    default:
      readConnectionProperty(cursor, identifier, values)
  }
}

function readConnectionProperty(cursor: Cursor, identifier: number, values: PropertyValues): void {
  switch (identifier) {
    case 0x11:
      values.sessionExpiryInterval = cursor.uint32('Session Expiry Interval')
      return
    case 0x15:
      values.authenticationMethod = cursor.string('Authentication Method')
      return
    case 0x16:
      values.authenticationData = cursor.binary('Authentication Data')
      return
    case 0x17:
      values.requestProblemInformation = flag(cursor, 'Request Problem Information', '§3.1.2.11.7')
      return
    case 0x19:
      values.requestResponseInformation = flag(cursor, 'Request Response Information', '§3.1.2.11.6')
      return
    case 0x1c:
      // Means something only where a Server sends it; it must be text all the same.
      cursor.string('Server Reference')
      return
    case 0x1f:
      values.reasonString = cursor.string('Reason String')
      return
    case 0x21:
      values.receiveMaximum = notZero(cursor.uint16('Receive Maximum'), identifier)
      return
    case 0x22:
      values.topicAliasMaximum = cursor.uint16('Topic Alias Maximum')
      return
    default:
      values.maximumPacketSize = notZero(cursor.uint32('Maximum Packet Size'), identifier)
  }
}

function flag(cursor: Cursor, name: string, section: string): 0 | 1 {
  const value = cursor.octet(name)
  if (value !== 0 && value !== 1) {
    refuse(protocolError, 5, section, section, `${name} is ${value}; it can be 0 or 1`)
  }
  return value
}

/** Numbers that are not 0, with where that is said, and the Reason Code. */
const positive = new Map<number, readonly [name: string, statement: string, code: number]>([
  [0x0b, ['Subscription Identifier', '§3.8.2.1.2', protocolError]],
  [0x21, ['Receive Maximum', '§3.1.2.11.3', protocolError]],
  [0x23, ['Topic Alias', '3.3.2-8', invalidTopicAlias]],
  [0x27, ['Maximum Packet Size', '§3.1.2.11.4', protocolError]],
])

function notZero(value: number, identifier: number): number {
  if (value === 0) {
    const [name, statement, code] = positive.get(identifier) ?? ['a property', '§2.2.2', protocolError]
    refuse(code, 5, statement, statement, `${name} is 0, which it must not be`)
  }
  return value
}

function responseTopic(cursor: Cursor): string {
  const topic = cursor.string('Response Topic')
  if (topic === '') refuse(protocolError, 5, '4.7.3-1', '4.7.3-1', 'Response Topic is empty')
  if (topic.includes('+') || topic.includes('#')) {
    refuse(protocolError, 5, '3.3.2-14', '3.3.2-14', 'Response Topic contains a wildcard character')
  }
  return topic
}

function addUserProperty(cursor: Cursor, values: PropertyValues): void {
  const pair: [string, string] = [cursor.string('User Property’s name'), cursor.string('User Property’s value')]
  if (values.userProperties === undefined) values.userProperties = [pair]
  else values.userProperties.push(pair)
}

/** Read-only from here on. */
export function userPropertiesOf(values: PropertyValues | undefined): UserProperties | undefined {
  return values?.userProperties
}
