import fc from 'fast-check'
import { type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import {
  copyPublish,
  type OutgoingPublish,
  packetIdOffset,
  pingresp,
  publishFirst,
  writeAck,
  writeConnack,
  writeDisconnect,
  writePublish as writePublishWithin,
  writeSuback,
  writeUnsuback,
} from '../../../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion, QoS } from '../../../../../app/mqtt/control-packet.ts'
import { decodePacket } from '../../../../../app/mqtt/decode.ts'
import type { ConnackProperties, MessageProperties, UserProperties } from '../../../../../app/mqtt/packets.ts'
import { isPlainText } from '../../../../helpers/properties.ts'

type Of<T extends Packet['cmd']> = Extract<Packet, { cmd: T }>

/** What mqtt-packet reads; the packet breaks no rule that one packet alone can break. */
function readByOracle<T extends Packet['cmd']>(octets: Uint8Array, version: 4 | 5, type: T): Of<T> {
  expect(decodePacket(octets, version).violations).toEqual([])
  const reader = parser({ protocolVersion: version })
  const packets: Packet[] = []
  reader.on('packet', (packet) => packets.push(packet))
  reader.on('error', (error) => {
    throw error
  })
  reader.parse(Buffer.from(octets))
  expect(packets.map(({ cmd }) => cmd)).toEqual([type])
  return packets[0] as Of<T>
}

/** Comparable whatever octets are made of and whatever prototype objects have. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(entries.map(([name, part]) => [name, plain(part)]))
}

/** As mqtt-packet gives it: each name is there once here. */
function byName(pairs: UserProperties | undefined): Record<string, string> | undefined {
  return pairs && Object.fromEntries(pairs)
}

const version = fc.constantFrom<4 | 5>(4, 5)
const text = fc.string({ unit: 'binary', maxLength: 90 }).filter((value) => !value.includes('\0'))
const topic = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter(isPlainText)
const octets = fc.uint8Array({ maxLength: 300 })
const packetId = fc.integer({ min: 1, max: 65535 })
const qos = fc.constantFrom<QoS>(0, 1, 2)
const uint32 = fc.oneof(fc.constantFrom(0, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }))
const word = fc.string({ minLength: 1, maxLength: 9 }).filter((value) => value !== '__proto__')
const userProperties: fc.Arbitrary<UserProperties> = fc.uniqueArray(fc.tuple(word, word), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 3,
})
const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })

const messageProperties: fc.Arbitrary<MessageProperties> = fc.record({
  payloadFormatIndicator: some(fc.constant<0 | 1>(0)),
  contentType: some(text),
  responseTopic: some(topic),
  correlationData: some(octets),
  userProperties: some(userProperties),
})

const publishes: fc.Arbitrary<OutgoingPublish> = fc
  .record({
    topic,
    payload: octets,
    qos,
    retain: fc.boolean(),
    dup: fc.boolean(),
    packetId,
    properties: some(messageProperties),
    messageExpiryInterval: some(uint32),
    topicAlias: some(fc.nat(65535)),
    subscriptionIdentifiers: some(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 })),
  })
  .map((publish) => ({ ...publish, dup: publish.dup && publish.qos > 0 }))

/** One that is not too large for any packet. */
function writePublish(publish: OutgoingPublish, version: ProtocolVersion): Uint8Array {
  const octets = writePublishWithin(publish, version)
  if (octets === undefined) throw new Error('it is too large')
  return octets
}

describe('writePublish', () => {
  it('writes what mqtt-packet reads', () => {
    fc.assert(
      fc.property(publishes, version, (publish, version) => {
        const packet = readByOracle(writePublish(publish, version), version, 'publish')
        const { topic, payload, qos, retain, dup, properties, topicAlias } = publish
        expect(plain([packet.topic, packet.payload, packet.qos, packet.retain, packet.dup])).toEqual(
          plain([topic, payload, qos, retain, dup]),
        )
        expect(packet.messageId).toBe(qos === 0 ? undefined : publish.packetId)
        if (version === 4) return
        const identifiers = publish.subscriptionIdentifiers ?? []
        expect(plain(packet.properties ?? {})).toEqual(
          plain({
            ...properties,
            payloadFormatIndicator: properties?.payloadFormatIndicator === 0 ? false : undefined,
            userProperties: byName(properties?.userProperties),
            messageExpiryInterval: publish.messageExpiryInterval,
            topicAlias: topicAlias === 0 ? undefined : topicAlias,
            subscriptionIdentifier: identifiers.length < 2 ? identifiers[0] : identifiers,
          }),
        )
      }),
    )
  })

  it('keeps the order of User Properties and all values of one name [MQTT-3.3.2-18]', () => {
    const pairs = [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const
    const publish = { topic: 't', payload: new Uint8Array(0), qos: 0, retain: false, dup: false, packetId: 0 } as const
    const written = writePublish({ ...publish, properties: { userProperties: pairs } }, 5)
    expect(Buffer.from(written.subarray(6)).toString('latin1')).toBe('&\0\x01b\0\x011&\0\x01a\0\x012&\0\x01b\0\x013')
  })

  it('writes payloads of every size of Remaining Length, and leaves other packets alone', () => {
    const publish = { topic: 't', qos: 1, retain: false, dup: false, packetId: 258 } as const
    const sizes = [0, 122, 123, 1000, 1100, 16_378, 16_379, 2_097_146, 2_097_147]
    const packets = sizes.map((size) => writePublish({ ...publish, payload: new Uint8Array(size).fill(size) }, 4))
    for (const [i, size] of sizes.entries()) {
      const octets = packets[i] as Uint8Array
      expect(readByOracle(octets, 4, 'publish').payload).toHaveLength(size)
      expect(octets.subarray(octets.length - size).every((octet) => octet === size % 256)).toBe(true)
      expect([...octets.subarray(packetIdOffset(octets)).subarray(0, 2)]).toEqual([1, 2])
    }
  })

  it('refuses a topic that no packet can have', () => {
    const publish = { payload: new Uint8Array(0), qos: 0, retain: false, dup: false, packetId: 0 } as const
    expect(() => writePublish({ ...publish, topic: 'ä'.repeat(32_768) }, 4)).toThrow(RangeError)
    expect(writePublish({ ...publish, topic: 'x'.repeat(65_535) }, 4)).toHaveLength(65_541)
  })

  it('writes none that is larger than it may be, by not one octet', () => {
    fc.assert(
      fc.property(publishes, version, (publish, version) => {
        const octets = writePublish(publish, version)
        expect(writePublishWithin(publish, version, octets.length)).toEqual(octets)
        expect(writePublishWithin(publish, version, octets.length - 1)).toBeUndefined()
      }),
    )
  })

  it('writes none that no Remaining Length can say, such as one of 3.1.1 with the properties of MQTT 5 added', () => {
    const publish = { topic: 't', qos: 0, retain: false, dup: false, packetId: 0 } as const
    // Topic and its length have three octets; in MQTT 5 there is one of Property Length.
    const payload = new Uint8Array(268_435_455 - 3)
    expect(writePublishWithin({ ...publish, payload }, 5)).toBeUndefined()
    // So it is where each of the others is what makes it too large; what would fit is not written here: it takes a second.
    const { length } = payload
    for (const [octets, added] of [
      [5, { messageExpiryInterval: 9 }],
      [3, { topicAlias: 1 }],
      [2 + 5, { subscriptionIdentifiers: [1, 268_435_455] }],
    ] as const) {
      const almost = { ...publish, ...added, payload: payload.subarray(0, length - octets) }
      expect(writePublishWithin(almost, 5)).toBeUndefined()
    }
  })

  it('makes copies that are as if they were written', () => {
    const copies = fc.record({ dup: fc.boolean(), retain: fc.boolean(), packetId, higher: fc.constantFrom<QoS>(1, 2) })
    fc.assert(
      fc.property(publishes, version, copies, (publish, version, { dup, retain, packetId, higher }) => {
        const template = writePublish(publish, version)
        const before = [...template]
        const qos = publish.qos === 0 ? 0 : higher
        const first = publishFirst(qos, dup && qos > 0, retain)
        const copy = copyPublish(template, packetIdOffset(template), first, packetId)
        expect([...copy]).toEqual([
          ...writePublish({ ...publish, qos, dup: dup && qos > 0, retain, packetId }, version),
        ])
        expect([...template]).toEqual(before)
      }),
    )
  })
})

describe('writeAck', () => {
  const codes = { PUBACK: 0x97, PUBREC: 0x80, PUBREL: 0x92, PUBCOMP: 0x92 } as const
  const types = fc.constantFrom('PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP')

  it('writes what mqtt-packet reads', () => {
    fc.assert(
      fc.property(
        types,
        packetId,
        fc.boolean(),
        version,
        some(text),
        some(userProperties),
        (type, id, ok, version, ...rest) => {
          const code = ok ? 0 : codes[type]
          const written = writeAck(type, id, code, version, ...rest)
          const packet = readByOracle(written, version, type.toLowerCase() as 'puback')
          expect(packet.messageId).toBe(id)
          if (version === 4) return
          const [reasonString, pairs] = rest
          expect(packet.reasonCode ?? 0).toBe(code)
          expect(plain(packet.properties ?? {})).toEqual(plain({ reasonString, userProperties: byName(pairs) }))
        },
      ),
    )
  })

  it('leaves out what need not be there', () => {
    expect([...writeAck('PUBREL', 258, 0, 5)]).toEqual([0x62, 2, 1, 2])
    expect([...writeAck('PUBACK', 258, 0, 5, undefined, [])]).toEqual([0x40, 2, 1, 2])
    expect([...writeAck('PUBREC', 258, 0x97, 5)]).toEqual([0x50, 3, 1, 2, 0x97])
    expect([...writeAck('PUBCOMP', 258, 0x92, 4, 'words')]).toEqual([0x70, 2, 1, 2])
    expect([...writeAck('PUBACK', 258, 0, 3)]).toEqual([0x40, 2, 1, 2])
  })
})

describe('writeConnack', () => {
  const properties: fc.Arbitrary<ConnackProperties> = fc.record({
    sessionExpiryInterval: some(uint32),
    receiveMaximum: some(packetId),
    maximumQoS: some(fc.constantFrom<0 | 1>(0, 1)),
    retainAvailable: some(fc.boolean()),
    maximumPacketSize: some(fc.integer({ min: 1, max: 0xffffffff })),
    assignedClientIdentifier: some(text),
    topicAliasMaximum: some(fc.nat(65535)),
    reasonString: some(text),
    userProperties: some(userProperties),
    wildcardSubscriptionAvailable: some(fc.boolean()),
    subscriptionIdentifiersAvailable: some(fc.boolean()),
    sharedSubscriptionAvailable: some(fc.boolean()),
    serverKeepAlive: some(fc.nat(65535)),
    responseInformation: some(text),
    serverReference: some(text),
  })

  it('writes what mqtt-packet reads', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), version, some(properties), (sessionPresent, ok, version, properties) => {
        const code = ok ? 0 : version === 5 ? 0x87 : 5
        const packet = readByOracle(writeConnack({ sessionPresent, code, properties }, version), version, 'connack')
        expect(packet.sessionPresent).toBe(sessionPresent && ok)
        expect(version === 5 ? packet.reasonCode : packet.returnCode).toBe(code)
        if (version === 4) return
        expect(plain(packet.properties ?? {})).toEqual(
          plain({ ...properties, userProperties: byName(properties?.userProperties) }),
        )
      }),
    )
  })

  it('says no Session Present in MQTT 3.1, nor where it refuses', () => {
    expect([...writeConnack({ sessionPresent: true, code: 0 }, 3)]).toEqual([0x20, 2, 0, 0])
    expect([...writeConnack({ sessionPresent: true, code: 5 }, 4)]).toEqual([0x20, 2, 0, 5])
    expect([...writeConnack({ sessionPresent: true, code: 0 }, 4)]).toEqual([0x20, 2, 1, 0])
    expect([...writeConnack({ sessionPresent: true, code: 0x87 }, 5)]).toEqual([0x20, 3, 0, 0x87, 0])
  })
})

describe('the other packets of a Server', () => {
  const granted = fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 200 })

  it('SUBACK is what mqtt-packet reads', () => {
    fc.assert(
      fc.property(packetId, granted, version, some(text), (id, codes, version, reasonString) => {
        const packet = readByOracle(writeSuback(id, codes, version, reasonString), version, 'suback')
        expect([packet.messageId, packet.granted]).toEqual([id, codes])
        expect(packet.properties?.reasonString).toBe(version === 5 ? reasonString : undefined)
      }),
    )
  })

  it('UNSUBACK is what mqtt-packet reads', () => {
    const codes = fc.array(fc.constantFrom(0, 0x11, 0x87), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(packetId, codes, version, (id, codes, version) => {
        const octets = writeUnsuback(id, codes, version)
        expect(readByOracle(octets, version, 'unsuback').messageId).toBe(id)
        if (version === 5) expect([...octets.subarray(-codes.length)]).toEqual(codes)
        else expect(octets).toHaveLength(4)
      }),
    )
  })

  it('DISCONNECT is what mqtt-packet reads', () => {
    const options = fc.record({
      reasonString: some(text),
      serverReference: some(text),
      userProperties: some(userProperties),
    })
    fc.assert(
      fc.property(fc.constantFrom(0, 0x8e, 0x9d), some(options), (code, options) => {
        const packet = readByOracle(writeDisconnect(code, options), 5, 'disconnect')
        expect(packet.reasonCode ?? 0).toBe(code)
        expect(plain(packet.properties ?? {})).toEqual(
          plain({ ...options, userProperties: byName(options?.userProperties) }),
        )
      }),
    )
    expect([...writeDisconnect(0)]).toEqual([0xe0, 0])
    expect([...writeDisconnect(0x8e)]).toEqual([0xe0, 1, 0x8e])
  })

  it('PINGRESP is two octets', () => {
    readByOracle(pingresp, 4, 'pingresp')
    expect([...pingresp]).toEqual([0xd0, 0])
  })
})
