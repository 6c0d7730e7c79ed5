import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { clientSettings, fromGuest } from '../../../../app/script-api/crossing.ts'

const publish = { type: 'publish', call: 1, topic: 'a', text: '', qos: 0, retain: false }
const subscribe = { type: 'subscribe', call: 1, filter: 'a', qos: 0 }
const unsubscribe = { type: 'unsubscribe', call: 1, filter: 'a' }
const settings = {
  protocolVersion: 5,
  clientId: 'pump',
  cleanStart: true,
  keepAlive: 60,
  topicAliases: false,
  store: 'ram',
}
const will = { topic: 'w', payload: '', qos: 0, retain: false }

const tooLong = 'x'.repeat(65_536)
const pair = ['name', 'value']

/** Properties that the wire can carry, and for each of them what it cannot. */
const message = {
  payloadFormatIndicator: [true, [1, 'true', null]],
  messageExpiryInterval: [0xffff_ffff, [-1, 0.5, 0x1_0000_0000, '1', null]],
  contentType: ['text/plain', [tooLong, 1, null]],
  responseTopic: ['a/b', [tooLong, 1, null]],
  correlationData: [
    [0, 255],
    [[256], [-1], [0.5], ['a'], 'text', Array.from({ length: 65_536 }, () => 0), null],
  ],
  userProperties: [
    [pair, pair],
    [
      [],
      [['name']],
      [['name', 1]],
      [[...pair, 'more']],
      [[tooLong, '']],
      { name: 'value' },
      Array.from({ length: 1001 }, () => pair),
      null,
    ],
  ],
} as const
const expiry = message.messageExpiryInterval

const places = {
  publish: [
    (properties: object) => v.is(fromGuest, { ...publish, properties }),
    { ...message, topicAlias: [65_535, [0, 65_536, 1.5, '1', null]] },
  ],
  subscribe: [
    (properties: object) => v.is(fromGuest, { ...subscribe, properties }),
    {
      subscriptionIdentifier: [268_435_455, [0, 268_435_456, 1.5, [1], null]],
      userProperties: message.userProperties,
    },
  ],
  unsubscribe: [
    (properties: object) => v.is(fromGuest, { ...unsubscribe, properties }),
    { userProperties: message.userProperties },
  ],
  'the will': [
    (properties: object) => v.is(clientSettings, { ...settings, will: { ...will, properties } }),
    { ...message, willDelayInterval: expiry },
  ],
  CONNECT: [
    (properties: object) => v.is(clientSettings, { ...settings, properties }),
    {
      sessionExpiryInterval: expiry,
      receiveMaximum: [65_535, [0, 65_536, 1.5, null]],
      maximumPacketSize: [0xffff_ffff, [0, 0x1_0000_0000, null]],
      topicAliasMaximum: [0, [65_536, -1, null]],
      requestResponseInformation: [true, [0, null]],
      requestProblemInformation: [false, [0, null]],
      userProperties: message.userProperties,
    },
  ],
} as const satisfies Record<
  string,
  readonly [(properties: object) => boolean, Record<string, readonly [unknown, readonly unknown[]]>]
>

describe('what comes out of a sandbox', () => {
  describe.each(Object.entries(places))('as a property of %s', (_place, [accepts, properties]) => {
    it.each(Object.entries(properties))('is taken when MQTT can carry it, and else is not: %s', (name, [good, bad]) => {
      expect(accepts({ [name]: good })).toBe(true)
      for (const value of bad) expect([name, value, accepts({ [name]: value })]).toEqual([name, value, false])
    })

    it('has no other name', () => {
      for (const name of ['topicAliases', 'qos', 'constructor', '']) expect(accepts({ [name]: 1 })).toBe(false)
    })
  })

  it.each([
    [publish, true],
    [{ ...publish, qos: 3 }, false],
    [{ ...publish, topicAlias: 1 }, false],
    [{ ...publish, properties: null }, false],
    [{ ...publish, call: -1 }, false],
    [{ ...subscribe, noLocal: true, retainAsPublished: false, retainHandling: 2 }, true],
    [{ ...subscribe, noLocal: 1 }, false],
    [{ ...subscribe, retainAsPublished: 'no' }, false],
    [{ ...subscribe, retainHandling: 3 }, false],
    [{ ...subscribe, retain: false }, false],
    [{ ...unsubscribe, qos: 0 }, false],
  ])('%j is taken: %s', (message, taken) => {
    expect(v.is(fromGuest, message)).toBe(taken)
  })

  it.each([
    [{}, true],
    [{ protocolVersion: 3 }, true],
    [{ protocolVersion: 6 }, false],
    [{ store: 'disk' }, false],
    [{ topicAliases: 1 }, false],
    [{ topicAliases: undefined }, false],
    [{ properties: {} }, true],
    [{ will: { ...will, willDelayInterval: 1 } }, false],
    [{ reconnect: { after: 0, factor: 1, max: 0, jitter: 0, attempts: 1 } }, true],
    [{ reconnect: { after: 0, factor: 1, max: 0, jitter: 0, attempts: 0 } }, false],
    [{ reconnect: { after: 0, factor: 1, max: 0, jitter: 0, attempts: 1.5 } }, false],
    [{ ca: 'x' }, false],
  ])('client settings with %j are taken: %s', (more, taken) => {
    expect(v.is(clientSettings, { ...settings, ...more })).toBe(taken)
  })
})
