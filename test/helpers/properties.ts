import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { type EncodedPacket, packetOf } from './packets.ts'

type Values = Record<string, unknown>
type Place = Packet['cmd'] | 'will'

/** Text that may stand in any Topic Name or Topic Filter: no wildcard, no U+0000, no `$share`. */
export function isPlainText(text: string): boolean {
  return text !== '' && !/[+#]/.test(text) && !text.includes('\0') && !text.startsWith('$')
}

const plain = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter(isPlainText)
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !value.includes('\0'))
const octets = fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value))
const uint32 = fc.oneof(fc.constantFrom(0, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }))
const uint16 = fc.integer({ min: 0, max: 0xffff })
const identifier = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 268_435_455 }))
// mqtt-packet does not read all of several empty values of one name.
const word = fc.string({ minLength: 1, maxLength: 9 })
const userProperties = fc.dictionary(word, fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
})

const positive16 = fc.integer({ min: 1, max: 0xffff })
const positive32 = fc.integer({ min: 1, max: 0xffffffff })
const message = {
  // Text is claimed only where it is text.
  payloadFormatIndicator: fc.constant(false),
  messageExpiryInterval: uint32,
  contentType: text,
  responseTopic: plain,
  correlationData: octets,
  userProperties,
}
const reason = { reasonString: text, userProperties }

/** Every property of MQTT 5 in every place where it may stand, by mqtt-packet's names. */
const properties: Partial<Record<Place, Record<string, fc.Arbitrary<unknown>>>> = {
  connect: {
    sessionExpiryInterval: uint32,
    receiveMaximum: positive16,
    maximumPacketSize: positive32,
    topicAliasMaximum: uint16,
    requestResponseInformation: fc.boolean(),
    requestProblemInformation: fc.boolean(),
    userProperties,
    authenticationMethod: text,
  },
  will: { ...message, willDelayInterval: uint32 },
  connack: {
    ...reason,
    sessionExpiryInterval: uint32,
    receiveMaximum: positive16,
    maximumQoS: fc.constantFrom(0, 1),
    retainAvailable: fc.boolean(),
    maximumPacketSize: positive32,
    assignedClientIdentifier: text,
    topicAliasMaximum: uint16,
    wildcardSubscriptionAvailable: fc.boolean(),
    subscriptionIdentifiersAvailable: fc.boolean(),
    sharedSubscriptionAvailable: fc.boolean(),
    serverKeepAlive: uint16,
    responseInformation: text,
    serverReference: text,
    authenticationMethod: text,
    authenticationData: octets,
  },
  publish: {
    ...message,
    topicAlias: positive16,
    subscriptionIdentifier: fc.oneof(identifier, fc.array(identifier, { minLength: 2, maxLength: 3 })),
  },
  puback: reason,
  pubrec: reason,
  pubrel: reason,
  pubcomp: reason,
  subscribe: { subscriptionIdentifier: identifier, userProperties },
  suback: reason,
  unsubscribe: { userProperties },
  unsuback: reason,
  disconnect: { ...reason, sessionExpiryInterval: uint32, serverReference: text },
  auth: { ...reason, authenticationData: octets },
}

/** mqtt-packet's name of each property, and the specification's. */
export const propertyNames: Readonly<Record<string, string>> = {
  payloadFormatIndicator: 'Payload Format Indicator',
  messageExpiryInterval: 'Message Expiry Interval',
  contentType: 'Content Type',
  responseTopic: 'Response Topic',
  correlationData: 'Correlation Data',
  subscriptionIdentifier: 'Subscription Identifier',
  sessionExpiryInterval: 'Session Expiry Interval',
  assignedClientIdentifier: 'Assigned Client Identifier',
  serverKeepAlive: 'Server Keep Alive',
  authenticationMethod: 'Authentication Method',
  authenticationData: 'Authentication Data',
  requestProblemInformation: 'Request Problem Information',
  willDelayInterval: 'Will Delay Interval',
  requestResponseInformation: 'Request Response Information',
  responseInformation: 'Response Information',
  serverReference: 'Server Reference',
  reasonString: 'Reason String',
  receiveMaximum: 'Receive Maximum',
  topicAliasMaximum: 'Topic Alias Maximum',
  topicAlias: 'Topic Alias',
  maximumQoS: 'Maximum QoS',
  retainAvailable: 'Retain Available',
  userProperties: 'User Property',
  maximumPacketSize: 'Maximum Packet Size',
  wildcardSubscriptionAvailable: 'Wildcard Subscription Available',
  subscriptionIdentifiersAvailable: 'Subscription Identifier Available',
  sharedSubscriptionAvailable: 'Shared Subscription Available',
}

/** Any properties that may stand there; undefined where none may. */
function propertiesOf(place: Place): fc.Arbitrary<Values | undefined> {
  const all = properties[place]
  if (all === undefined) return fc.constant(undefined)
  const some = fc.record(all, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Values>
  if (place === 'auth')
    return fc.tuple(some, text).map(([values, method]) => ({ authenticationMethod: method, ...values }))
  if (place !== 'connect') return some
  // Authentication Data without a method is a Protocol Error [MQTT 5 §3.1.2.11.10].
  return fc
    .tuple(some, octets, fc.boolean())
    .map(([values, data, has]) =>
      'authenticationMethod' in values && has ? { ...values, authenticationData: data } : values,
    )
}

/** Whether the packet breaks no rule: packetOf makes some that mqtt-packet writes without asking. */
function isConforming(packet: Packet): boolean {
  switch (packet.cmd) {
    case 'connect': {
      const texts = [packet.clientId, packet.username ?? ''].map(String)
      return (
        !texts.some((value) => value.includes('\0')) && (packet.will === undefined || isPlainText(packet.will.topic))
      )
    }
    case 'connack':
      return !packet.sessionPresent || (packet.reasonCode ?? packet.returnCode) === 0
    case 'publish':
      return isPlainText(packet.topic) && !(packet.qos === 0 && packet.dup)
    case 'subscribe':
      return packet.subscriptions.every(({ topic }) => isPlainText(topic))
    case 'unsubscribe':
      return packet.unsubscriptions.every(isPlainText)
    default:
      return true
  }
}

/** Any packet of one version that breaks no rule; in MQTT 5 with any properties that it may have. */
export function conformingPacketOf(version: 4 | 5, type?: Packet['cmd']): fc.Arbitrary<EncodedPacket> {
  const wanted = (packet: Packet) => type === undefined || packet.cmd === type
  const conforming = packetOf(version).filter(({ packet }) => wanted(packet) && isConforming(packet))
  if (version === 4) return conforming
  return conforming.chain(({ packet }) =>
    fc.tuple(propertiesOf(packet.cmd), propertiesOf('will')).map(([own, will]) => {
      const fields: Values = { ...packet, ...(own !== undefined && { properties: own }) }
      if (packet.cmd === 'connect' && packet.will !== undefined) fields['will'] = { ...packet.will, properties: will }
      const whole = fields as unknown as Packet
      return { version, packet: whole, octets: generate(whole, { protocolVersion: version }) }
    }),
  )
}

export const conformingPacket: fc.Arbitrary<EncodedPacket> = fc.oneof(conformingPacketOf(4), conformingPacketOf(5))

export const conformingPublish: fc.Arbitrary<EncodedPacket> = fc.oneof(
  conformingPacketOf(4, 'publish'),
  conformingPacketOf(5, 'publish'),
)
