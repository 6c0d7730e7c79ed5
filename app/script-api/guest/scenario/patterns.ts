import { checkKeys, mistake, shown } from '../../mistake.ts'
import type { Amount, Expectation, MessagePattern, TextPattern } from '../../scenario-crossing.ts'
import { checkTopicFilter } from '../../topics.ts'
import { toExpected } from '../payload.ts'
import { filled, type Given, readUserProperties } from '../properties.ts'
import { checkFlag, checkQoS } from '../values.ts'
import { optionalWhole, textOf, wholeNumber } from './options.ts'

const messageKeys = ['topic', 'payload', 'qos', 'retain', 'dup', 'properties']
const propertyKeys = [
  'contentType',
  'responseTopic',
  'correlationData',
  'messageExpiryInterval',
  'payloadFormatIndicator',
  'subscriptionIdentifier',
  'userProperties',
]

/**
 * A `MessagePattern` of expect.d.ts as it crosses.
 *
 * @throws FaultlineError `invalid-argument`
 */
export function readMessage(value: unknown, call: string): MessagePattern {
  checkKeys(value, messageKeys, `the message of ${call}`)
  const given = value as Given
  const { dup, payload, properties, qos, retain, topic } = given
  const what = (key: string) => `the ${key} of ${call}`
  return (
    filled({
      topic: topic === undefined ? undefined : readTopic(topic, what('topic')),
      payload: payload === undefined ? undefined : readPayload(payload, what('payload')),
      qos: qos === undefined ? undefined : checkQoS(qos, what('qos')),
      retain: retain === undefined ? undefined : checkFlag(retain, what('retain')),
      dup: dup === undefined ? undefined : checkFlag(dup, what('dup')),
      properties: properties === undefined ? undefined : readProperties(properties, call),
    }) ?? {}
  )
}

function readTopic(topic: unknown, what: string): TextPattern {
  return topic instanceof RegExp ? expressionOf(topic) : { is: 'text', text: checkTopicFilter(topic, what) }
}

/** Text that is to be found, or a regular expression. */
export function readText(value: unknown, what: string): TextPattern {
  if (value instanceof RegExp) return expressionOf(value)
  if (typeof value === 'string') return { is: 'text', text: value }
  throw mistake(`${what} must be text or a regular expression, not ${shown(value)}`)
}

function expressionOf({ flags, source }: RegExp): TextPattern {
  return { is: 'expression', source, flags }
}

function readPayload(payload: unknown, what: string): NonNullable<MessagePattern['payload']> {
  if (typeof payload === 'string' || payload instanceof RegExp) return readText(payload, what)
  if (payload instanceof Uint8Array) return { is: 'octets', hex: hexOf(payload) }
  return { is: 'json', value: toExpected(payload, what) }
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}

/** Octets are numbers, User Properties as they are written: each that is named has to have these values. */
function readProperties(value: unknown, call: string): Record<string, unknown> {
  checkKeys(value, propertyKeys, `the properties of ${call}`)
  const given = value as Given
  const { contentType, correlationData, payloadFormatIndicator, responseTopic, userProperties } = given
  const what = (key: string) => `${key} of ${call}`
  if (userProperties !== undefined) readUserProperties(userProperties, what('userProperties'))
  const properties = filled({
    contentType: contentType === undefined ? undefined : textOf(contentType, what('contentType')),
    responseTopic: responseTopic === undefined ? undefined : textOf(responseTopic, what('responseTopic')),
    correlationData: correlationData === undefined ? undefined : binary(correlationData, what('correlationData')),
    messageExpiryInterval: optionalWhole(given['messageExpiryInterval'], what('messageExpiryInterval')),
    payloadFormatIndicator:
      payloadFormatIndicator === undefined
        ? undefined
        : checkFlag(payloadFormatIndicator, what('payloadFormatIndicator')),
    subscriptionIdentifier: optionalWhole(given['subscriptionIdentifier'], what('subscriptionIdentifier'), 1),
    userProperties,
  })
  return properties ?? {}
}

function binary(value: unknown, what: string): string | number[] {
  if (value instanceof Uint8Array) return [...value]
  return textOf(value, what)
}

/** `exactly`, `atLeast` or `never` of `HowOften`: one of them. */
export function readHowOften(given: Given, call: string): Extract<Expectation, { matcher: 'toHandle' }>['often'] {
  const said = ['exactly', 'atLeast', 'never'].filter((key) => given[key] !== undefined)
  if (said.length > 1) throw mistake(`${call} can have only one of ${said.join(' and ')}`)
  if (given['exactly'] === 0) throw mistake(`exactly of ${call} must be at least 1; write never: true for none`)
  const never = given['never'] === undefined ? undefined : checkFlag(given['never'], `never of ${call}`)
  return (
    filled({
      exactly: optionalWhole(given['exactly'], `exactly of ${call}`, 1),
      atLeast: optionalWhole(given['atLeast'], `atLeast of ${call}`, 1),
      never: never === true ? true : undefined,
    }) ?? {}
  )
}

/** A number, or bounds. */
export function readAmount(value: unknown, call: string): Amount {
  if (typeof value === 'number') {
    const exact = wholeNumber(value, `the amount of ${call}`)
    return { atLeast: exact, atMost: exact }
  }
  checkKeys(value, ['atLeast', 'atMost'], `the amount of ${call}`)
  const given = value as Given
  const atLeast = optionalWhole(given['atLeast'], `atLeast of ${call}`)
  const atMost = optionalWhole(given['atMost'], `atMost of ${call}`)
  if (atLeast === undefined && atMost === undefined) throw mistake(`${call} needs a number, or atLeast or atMost`)
  if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
    throw mistake(`${call}: atLeast (${atLeast}) is more than atMost (${atMost})`)
  }
  return filled({ atLeast, atMost }) ?? {}
}
