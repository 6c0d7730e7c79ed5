import fc from 'fast-check'
import { type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { readAck } from '../../../../../app/mqtt/codec/read-acks.ts'
import { readConnect } from '../../../../../app/mqtt/codec/read-connect.ts'
import { readAuth, readDisconnect } from '../../../../../app/mqtt/codec/read-disconnect.ts'
import { readPublish } from '../../../../../app/mqtt/codec/read-publish.ts'
import { readSubscribe, readUnsubscribe } from '../../../../../app/mqtt/codec/read-subscribe.ts'
import { TopicReader } from '../../../../../app/mqtt/codec/topic-reader.ts'
import type { MessageProperties, UserProperties } from '../../../../../app/mqtt/packets.ts'
import type { EncodedPacket } from '../../../../helpers/packets.ts'
import { conformingPacketOf } from '../../../../helpers/properties.ts'

type Type = Packet['cmd']
type Of<T extends Type> = Extract<Packet, { cmd: T }>

function readByOracle({ octets, version }: EncodedPacket): Packet {
  const reader = parser({ protocolVersion: version })
  const packets: Packet[] = []
  reader.on('packet', (packet) => packets.push(packet))
  reader.on('error', (error) => {
    throw error
  })
  reader.parse(Buffer.from(octets))
  expect(packets).toHaveLength(1)
  return packets[0] as Packet
}

/** As mqtt-packet groups them: one value, or a list of those of one name. */
function grouped(pairs: UserProperties | undefined): Record<string, string | string[]> | undefined {
  if (pairs === undefined) return undefined
  const byName = new Map<string, string[]>()
  for (const [name, value] of pairs) byName.set(name, [...(byName.get(name) ?? []), value])
  return Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

/** Without a prototype of its own kind, and octets as such. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(entries.map(([name, part]) => [name, plain(part)]))
}

/** What a Client's packet says, ours and mqtt-packet's. */
function expectSame(ours: unknown, theirs: unknown): void {
  expect(plain(ours)).toEqual(plain(theirs))
}

function message(properties: MessageProperties | undefined) {
  const indicator = properties?.payloadFormatIndicator
  return {
    ...properties,
    payloadFormatIndicator: indicator === undefined ? undefined : indicator === 1,
    userProperties: grouped(properties?.userProperties),
  }
}

function forBoth<T extends Type>(type: T, check: (packet: Of<T>, encoded: EncodedPacket) => void): void {
  const packets = fc.oneof(conformingPacketOf(4, type), conformingPacketOf(5, type))
  fc.assert(fc.property(packets, (encoded) => check(readByOracle(encoded) as Of<T>, encoded)))
}

describe('reading agrees with mqtt-packet', () => {
  it('on CONNECT', () => {
    forBoth('connect', (packet, { octets }) => {
      const ours = readConnect(octets)
      const theirs = packet.properties ?? {}
      expectSame(
        {
          version: ours.version,
          clientId: ours.clientId,
          clean: ours.clean,
          keepAlive: ours.keepAlive,
          userName: ours.userName,
          password: ours.password,
          sessionExpiryInterval: ours.sessionExpiryInterval,
          receiveMaximum: ours.receiveMaximum,
          maximumPacketSize: ours.maximumPacketSize,
          topicAliasMaximum: ours.topicAliasMaximum,
          requestResponseInformation: ours.requestResponseInformation,
          requestProblemInformation: ours.requestProblemInformation,
          userProperties: grouped(ours.userProperties),
          authenticationMethod: ours.authenticationMethod,
          authenticationData: ours.authenticationData,
        },
        {
          version: packet.protocolVersion,
          clientId: packet.clientId,
          clean: packet.clean,
          keepAlive: packet.keepalive,
          userName: packet.username,
          password: packet.password,
          sessionExpiryInterval: theirs.sessionExpiryInterval ?? 0,
          receiveMaximum: theirs.receiveMaximum ?? 65_535,
          maximumPacketSize: theirs.maximumPacketSize,
          topicAliasMaximum: theirs.topicAliasMaximum ?? 0,
          requestResponseInformation: theirs.requestResponseInformation ?? false,
          requestProblemInformation: theirs.requestProblemInformation ?? true,
          userProperties: theirs.userProperties,
          authenticationMethod: theirs.authenticationMethod,
          authenticationData: theirs.authenticationData,
        },
      )
    })
  })

  it('on Will Messages', () => {
    forBoth('connect', (packet, { octets }) => {
      const { will } = readConnect(octets)
      expect(will === undefined).toBe(packet.will === undefined)
      if (will === undefined || packet.will === undefined) return
      const { topic, payload, qos, retain } = will
      const { properties: theirs } = packet.will
      expectSame(
        { topic, payload, qos, retain },
        { topic: packet.will.topic, payload: packet.will.payload, qos: packet.will.qos, retain: packet.will.retain },
      )
      expectSame(
        { messageExpiryInterval: will.messageExpiryInterval, ...message(will.properties) },
        { ...theirs, willDelayInterval: undefined },
      )
      expect(will.willDelayInterval).toBe(theirs?.willDelayInterval ?? 0)
    })
  })

  it('on PUBLISH, with and without a TopicReader', () => {
    const topics = new TopicReader()
    const packets = fc.oneof(conformingPacketOf(4, 'publish'), conformingPacketOf(5, 'publish'))
    // A Client sends no Subscription Identifiers [MQTT-3.3.4-6].
    const ofClients = packets.filter(({ packet }) => {
      return packet.cmd === 'publish' && packet.properties?.subscriptionIdentifier === undefined
    })
    fc.assert(
      fc.property(ofClients, (encoded) => {
        const packet = readByOracle(encoded) as Of<'publish'>
        const ours = readPublish(encoded.octets, encoded.version)
        expect(readPublish(encoded.octets, encoded.version, topics)).toEqual(ours)
        const { dup, qos, retain, topic, packetId, payload } = ours
        expectSame(
          { dup, qos, retain, topic, packetId, payload },
          {
            dup: packet.dup,
            qos: packet.qos,
            retain: packet.retain,
            topic: packet.topic,
            packetId: packet.messageId ?? 0,
            payload: packet.payload,
          },
        )
        expectSame(
          { ...message(ours.properties), messageExpiryInterval: ours.messageExpiryInterval },
          { ...packet.properties, topicAlias: undefined },
        )
        expect(ours.topicAlias).toBe(packet.properties?.topicAlias ?? 0)
      }),
    )
  })

  for (const type of ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const) {
    it(`on ${type.toUpperCase()}`, () => {
      forBoth(type, (packet, { octets, version }) => {
        expectSame(readAck(octets, version), {
          packetId: packet.messageId,
          code: packet.reasonCode ?? 0,
          reasonString: packet.properties?.reasonString,
        })
      })
    })
  }

  it('on SUBSCRIBE', () => {
    forBoth('subscribe', (packet, { octets, version }) => {
      expectSame(readSubscribe(octets, version), {
        packetId: packet.messageId,
        subscriptions: packet.subscriptions.map(({ topic, qos, nl, rap, rh }) => ({
          filter: topic,
          qos,
          noLocal: nl ?? false,
          retainAsPublished: rap ?? false,
          retainHandling: rh ?? 0,
        })),
        subscriptionIdentifier: packet.properties?.subscriptionIdentifier,
      })
    })
  })

  it('on Subscription Options', () => {
    const options = fc
      .constantFrom(0, 1, 2)
      .chain((qos) =>
        fc.record({ qos: fc.constant(qos), noLocal: fc.boolean(), retained: fc.boolean(), handling: fc.nat(2) }),
      )
    fc.assert(
      fc.property(options, ({ qos, noLocal, retained, handling }) => {
        const octet = qos | (noLocal ? 4 : 0) | (retained ? 8 : 0) | (handling << 4)
        const octets = Uint8Array.of(0x82, 7, 0, 9, 0, 0, 1, 0x61, octet)
        const [theirs] = (readByOracle({ octets, version: 5 } as EncodedPacket) as Of<'subscribe'>).subscriptions
        const [ours] = readSubscribe(octets, 5).subscriptions
        expectSame(
          [ours?.filter, ours?.qos, ours?.noLocal, ours?.retainAsPublished, ours?.retainHandling],
          [theirs?.topic, theirs?.qos, theirs?.nl, theirs?.rap, theirs?.rh],
        )
      }),
    )
  })

  it('on UNSUBSCRIBE', () => {
    forBoth('unsubscribe', (packet, { octets, version }) => {
      expectSame(readUnsubscribe(octets, version), { packetId: packet.messageId, filters: packet.unsubscriptions })
    })
  })

  it('on DISCONNECT and AUTH', () => {
    // 0x87 is for a Server to send.
    const disconnects = conformingPacketOf(5, 'disconnect').filter(({ packet }) => {
      return packet.cmd === 'disconnect' && packet.reasonCode !== 0x87
    })
    fc.assert(
      fc.property(disconnects, (encoded) => {
        const packet = readByOracle(encoded) as Of<'disconnect'>
        expectSame(readDisconnect(encoded.octets, 5), {
          code: packet.reasonCode ?? 0,
          sessionExpiryInterval: packet.properties?.sessionExpiryInterval,
          reasonString: packet.properties?.reasonString,
        })
      }),
    )
    fc.assert(
      fc.property(conformingPacketOf(5, 'auth'), (encoded) => {
        const packet = readByOracle(encoded) as Of<'auth'>
        const authenticationMethod = packet.properties?.authenticationMethod
        expectSame(readAuth(encoded.octets), { code: packet.reasonCode, authenticationMethod })
      }),
    )
  })
})

describe('what a CONNECT gives', () => {
  it('does not change with the chunk that it came in', () => {
    const connect = conformingPacketOf(5, 'connect')
    fc.assert(
      fc.property(connect, ({ octets }) => {
        const chunk = new Uint8Array(octets)
        const ours = readConnect(chunk)
        const before = plain(ours)
        chunk.fill(0xff)
        expect(plain(ours)).toEqual(before)
      }),
      { numRuns: 50 },
    )
  })
})
