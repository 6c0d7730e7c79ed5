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
    readers[identifier]?.(cursor, values)
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

type PropertyReader = (cursor: Cursor, values: PropertyValues) => void
type Whole = 'messageExpiryInterval' | 'sessionExpiryInterval' | 'willDelayInterval' | 'maximumPacketSize'
type Short = 'receiveMaximum' | 'topicAlias' | 'topicAliasMaximum'
type Flag = 'payloadFormatIndicator' | 'requestProblemInformation' | 'requestResponseInformation'
type Text = 'contentType' | 'authenticationMethod' | 'reasonString'

/** By Property Identifier [MQTT 5 §2.2.2.2]. */
const readers: Readonly<Record<number, PropertyReader>> = Object.fromEntries<PropertyReader>([
  [0x01, flag('payloadFormatIndicator', 'Payload Format Indicator', '§3.3.2.3.2')],
  [0x02, uint32('messageExpiryInterval', 'Message Expiry Interval')],
  [0x03, text('contentType', 'Content Type')],
  [0x08, responseTopic],
  [0x09, binary('correlationData', 'Correlation Data')],
  [0x0b, readSubscriptionIdentifier],
  [0x11, uint32('sessionExpiryInterval', 'Session Expiry Interval')],
  [0x15, text('authenticationMethod', 'Authentication Method')],
  [0x16, binary('authenticationData', 'Authentication Data')],
  [0x17, flag('requestProblemInformation', 'Request Problem Information', '§3.1.2.11.7')],
  [0x18, uint32('willDelayInterval', 'Will Delay Interval')],
  [0x19, flag('requestResponseInformation', 'Request Response Information', '§3.1.2.11.6')],
  // Means something only where a Server sends it; it must be text all the same.
  [0x1c, (cursor) => cursor.string('Server Reference')],
  [0x1f, text('reasonString', 'Reason String')],
  [0x21, uint16('receiveMaximum', 'Receive Maximum', '§3.1.2.11.3')],
  [0x22, uint16('topicAliasMaximum', 'Topic Alias Maximum')],
  [0x23, uint16('topicAlias', 'Topic Alias', '3.3.2-8', invalidTopicAlias)],
  [userProperty, addUserProperty],
  [0x27, uint32('maximumPacketSize', 'Maximum Packet Size', '§3.1.2.11.4')],
])

/** @param positive the statement that it must not be 0; undefined where it may be */
function uint32(field: Whole, name: string, positive?: string): PropertyReader {
  return (cursor, values) => {
    const value = cursor.uint32(name)
    values[field] = positive === undefined ? value : notZero(value, name, positive)
  }
}

/** The same. */
function uint16(field: Short, name: string, positive?: string, code?: number): PropertyReader {
  return (cursor, values) => {
    const value = cursor.uint16(name)
    values[field] = positive === undefined ? value : notZero(value, name, positive, code)
  }
}

function text(field: Text, name: string): PropertyReader {
  return (cursor, values) => {
    values[field] = cursor.string(name)
  }
}

function binary(field: 'correlationData' | 'authenticationData', name: string): PropertyReader {
  return (cursor, values) => {
    values[field] = cursor.binary(name)
  }
}

function flag(field: Flag, name: string, section: string): PropertyReader {
  return (cursor, values) => {
    const value = cursor.octet(name)
    if (value !== 0 && value !== 1) {
      refuse(protocolError, 5, section, section, `${name} is ${value}; it can be 0 or 1`)
    }
    values[field] = value
  }
}

function readSubscriptionIdentifier(cursor: Cursor, values: PropertyValues): void {
  const name = 'Subscription Identifier'
  values.subscriptionIdentifier = notZero(cursor.variable(name), name, '§3.8.2.1.2')
}

function notZero(value: number, name: string, statement: string, code = protocolError): number {
  if (value === 0) refuse(code, 5, statement, statement, `${name} is 0, which it must not be`)
  return value
}

function responseTopic(cursor: Cursor, values: PropertyValues): void {
  const topic = cursor.string('Response Topic')
  if (topic === '') refuse(protocolError, 5, '4.7.3-1', '4.7.3-1', 'Response Topic is empty')
  if (topic.includes('+') || topic.includes('#')) {
    refuse(protocolError, 5, '3.3.2-14', '3.3.2-14', 'Response Topic contains a wildcard character')
  }
  values.responseTopic = topic
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
