import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPublish } from '../../../../../app/mqtt/codec/read-publish.ts'
import { packetIdOffset, writePublish as writePublishWithin } from '../../../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion, QoS } from '../../../../../app/mqtt/control-packet.ts'
import { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'

const origin = { message: 1, kind: 'publish', clientId: 'pump-01' } as const

/** As the engine makes it of a PUBLISH that came. */
function arrived(octets: Uint8Array, version: ProtocolVersion): RoutedMessage {
  const { topic, payload, qos, retain, properties } = readPublish(octets, version)
  const message = new RoutedMessage('b', { topic, payload, qos, retain, properties, expiresAt: undefined, origin })
  message.cameAs(octets, version)
  return message
}

const writePublish = (...what: Parameters<typeof writePublishWithin>) => writePublishWithin(...what) as Uint8Array

/** One that is not too large. */
function encode(message: RoutedMessage, ...how: Parameters<RoutedMessage['encode']>): Uint8Array {
  return message.encode(...how) as Uint8Array
}

const versions = fc.constantFrom<ProtocolVersion>(3, 4, 5)
const qualities = fc.constantFrom<QoS>(0, 1, 2)
const copies = fc.record({
  version: versions,
  qos: qualities,
  retain: fc.boolean(),
  packetId: fc.integer({ min: 1, max: 65_535 }),
  dup: fc.boolean(),
})

describe('RoutedMessage', () => {
  it('is encoded as if it was written anew, however it came and whoever was sent it before', () => {
    const publish = fc.record({
      topic: fc.string({ minLength: 1, maxLength: 200 }).filter((text) => !/[+#\0]/.test(text)),
      payload: fc.uint8Array({ maxLength: 300 }),
      qos: qualities,
      retain: fc.boolean(),
      dup: fc.boolean(),
      packetId: fc.integer({ min: 1, max: 65_535 }),
      properties: fc.option(fc.record({ contentType: fc.constantFrom('', 'text') }), { nil: undefined }),
    })
    fc.assert(
      fc.property(publish, versions, fc.array(copies, { minLength: 1, maxLength: 6 }), (came, version, wanted) => {
        const octets = writePublish({ ...came, dup: came.dup && came.qos > 0 }, version)
        const before = new Uint8Array(octets)
        const message = arrived(octets, version)
        const { topic, payload, properties } = message
        for (const { version: of, qos, dup, ...rest } of wanted) {
          const packetId = qos === 0 ? 0 : rest.packetId
          const copy = { qos, retain: rest.retain, packetId, identifiers: undefined }
          const isDup = dup && qos > 0
          const anew = writePublish({ topic, payload, properties, ...copy, dup: isDup }, of)
          expect([...encode(message, copy, isDup, of, 0, 0)]).toEqual([...anew])
        }
        expect(octets).toEqual(before)
      }),
    )
  })

  it('is not encoded where that would be too large, whoever was sent it before', () => {
    const octets = writePublish(
      { topic: 'a', payload: new Uint8Array(10), qos: 1, retain: false, dup: false, packetId: 3 },
      4,
    )
    const message = arrived(octets, 4)
    const copy = { qos: 1, retain: false, packetId: 9, identifiers: undefined } as const
    // As it came, in MQTT 5, and with something for one client alone.
    const kinds = [
      [copy, 4, 0, octets.length],
      [copy, 5, 0, octets.length + 1],
      [{ ...copy, identifiers: [5] }, 5, 0, octets.length + 3],
      [copy, 5, 7, octets.length + 4],
    ] as const
    for (const again of [1, 2]) {
      for (const [how, version, alias, length] of kinds) {
        expect(message.encode(how, false, version, alias, 0, length - 1), `${again}`).toBeUndefined()
        expect(message.encode(how, false, version, alias, 0, length)).toHaveLength(length)
      }
    }
  })

  it('is not copied for subscribers at QoS 0', () => {
    const octets = writePublish(
      { topic: 'a', payload: Uint8Array.of(1), qos: 0, retain: false, dup: false, packetId: 0 },
      4,
    )
    const copy = { qos: 0, retain: false, packetId: 0, identifiers: undefined } as const
    expect(encode(arrived(octets, 4), copy, false, 3, 0, 0)).toBe(octets)
  })

  it('does not go on with a Remaining Length that takes more octets than it needs', () => {
    const octets = Uint8Array.of(0x30, 0x84, 0x00, 0, 1, 0x61, 0x62)
    const copy = { qos: 0, retain: false, packetId: 0, identifiers: undefined } as const
    expect([...encode(arrived(octets, 4), copy, false, 4, 0, 0)]).toEqual([0x30, 4, 0, 1, 0x61, 0x62])
  })

  it('does not go on with what is for the broker alone: a Topic Alias, a Subscription Identifier is for one only', () => {
    const octets = writePublish(
      { topic: 'a', payload: Uint8Array.of(7), qos: 1, retain: false, dup: false, packetId: 3, topicAlias: 2 },
      5,
    )
    const message = arrived(octets, 5)
    const copy = { qos: 1, retain: false, packetId: 9, identifiers: undefined } as const
    const plain = encode(message, copy, false, 5, 0, 0)
    expect(readPublish(plain, 5).topicAlias).toBe(0)
    const identified = encode(message, { ...copy, identifiers: [5] }, false, 5, 0, 0)
    expect(identified.length).toBe(plain.length + 2)
    expect([...encode(message, copy, false, 5, 0, 0)]).toEqual([...plain])
    expect(packetIdOffset(plain)).toBe(5)
  })

  it('lets go of all that came in one piece with it, when it is kept', () => {
    const packet = writePublish(
      { topic: 'a', payload: new Uint8Array(10).fill(7), qos: 1, retain: false, dup: false, packetId: 3 },
      4,
    )
    const chunk = new Uint8Array(64 * 1024)
    chunk.set(packet, 100)
    const message = arrived(new Uint8Array(chunk.buffer, 100, packet.length), 4)
    message.detach()
    expect(message.payload.buffer.byteLength).toBe(10)
    const copy = { qos: 1, retain: false, packetId: 4, identifiers: undefined } as const
    chunk.fill(0)
    expect([...readPublish(encode(message, copy, false, 4, 0, 0), 4).payload]).toEqual(Array(10).fill(7))
  })
})
