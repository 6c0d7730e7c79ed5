import fc from 'fast-check'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { encodePublish, encodePubrel } from '../../../../../main/devices/guest/encode-publish.ts'

const packetId = fc.integer({ min: 1, max: 65_535 })
const version = fc.constantFrom<3 | 4 | 5>(3, 4, 5)

const message = fc.record({
  topic: fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(127, 128, 16_384, 70_000, 2_097_152).map((n) => new Uint8Array(n)),
  ),
  qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  retain: fc.boolean(),
})

describe('a PUBLISH', () => {
  it('is octet for octet what another encoder makes of it', () => {
    fc.assert(
      fc.property(message, packetId, fc.boolean(), version, (message, messageId, dup, protocolVersion) => {
        const { payload, ...rest } = message
        const packet: IPublishPacket = { cmd: 'publish', ...rest, payload: Buffer.from(payload), dup, messageId }
        const expected = generate(packet, { protocolVersion })
        expect(encodePublish(message, messageId, dup, protocolVersion).equals(expected)).toBe(true)
      }),
    )
  })

  it('carries the properties of MQTT 5, and none before', () => {
    const about = { topic: 'a', payload: Buffer.from('x'), qos: 1, retain: false } as const
    const properties = {
      correlationData: [0, 255],
      userProperties: [
        ['name', 'one'],
        ['__proto__', 'two'],
        ['name', 'three'],
      ] as [string, string][],
      messageExpiryInterval: 3,
    }
    const octets = encodePublish({ ...about, properties }, 7, false, 5)
    expect(octets.toString('latin1')).toBe(
      '\x32\x3c\x00\x01a\x00\x07\x35\x02\x00\x00\x00\x03\x09\x00\x02\x00\xff&\x00\x04name\x00\x03one&\x00\x04name\x00\x05three&\x00\x09__proto__\x00\x03twox',
    )
    expect(encodePublish({ ...about, properties }, 7, false, 4)).toEqual(encodePublish(about, 7, false, 4))
  })
})

describe('a PUBREL', () => {
  it('is what another encoder makes of it', () => {
    fc.assert(
      fc.property(packetId, version, (messageId, protocolVersion) => {
        const expected = generate({ cmd: 'pubrel', messageId, reasonCode: 0 }, { protocolVersion })
        expect(encodePubrel(messageId).equals(expected)).toBe(true)
      }),
    )
  })
})
