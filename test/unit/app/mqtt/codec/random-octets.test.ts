import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TopicReader } from '../../../../../app/mqtt/codec/topic-reader.ts'
import { type ProtocolVersion, packetTypeOf } from '../../../../../app/mqtt/control-packet.ts'
import { decodePacket } from '../../../../../app/mqtt/decode.ts'
import { connectOf, errorOf, isFromClient, packetOfParts, prefixed } from '../../../../helpers/client-packets.ts'
import { formatViolation } from '../../../../helpers/fields.ts'
import { conformingPacket } from '../../../../helpers/properties.ts'

interface Sent {
  readonly version: ProtocolVersion
  readonly octets: Uint8Array
}

const versions = fc.constantFrom<ProtocolVersion>(3, 4, 5)
const firstOctets = fc.constantFrom(0x10, 0x30, 0x32, 0x35, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0, 0xf0)
// Octets that mean something in many places come more often.
const octet = fc.oneof(
  fc.nat(5),
  fc.constantFrom(0x0b, 0x11, 0x15, 0x16, 0x1f, 0x21, 0x23, 0x26, 0x27, 0x61),
  fc.nat(255),
)

const random: fc.Arbitrary<Sent> = fc
  .record({ version: versions, first: fc.oneof(firstOctets, fc.nat(255)), body: fc.array(octet, { maxLength: 60 }) })
  .map(({ version, first, body }) => ({ version, octets: packetOfParts(first, body) }))

/** A good packet of whatever version with some octets changed, taken out, or cut off; some read as another version. */
const mutated: fc.Arbitrary<Sent> = fc
  .record({
    packet: conformingPacket,
    edits: fc.array(fc.tuple(fc.nat(), octet, fc.constantFrom('set', 'insert', 'remove', 'cut')), { maxLength: 3 }),
    version: fc.option(versions, { nil: undefined, freq: 5 }),
    fix: fc.boolean(),
  })
  .map(({ packet, edits, version, fix }) => {
    const octets = [...packet.octets]
    for (const [where, value, how] of edits) {
      const at = where % octets.length
      if (how === 'set') octets[at] = value
      else if (how === 'insert') octets.splice(at, 0, value)
      else if (how === 'remove' && octets.length > 1) octets.splice(at, 1)
      else if (how === 'cut') octets.length = Math.max(1, at)
    }
    // A Remaining Length that is right lets the mutation get to the fields.
    if (fix && octets.length >= 2 && octets.length < 130) octets[1] = octets.length - 2
    return { version: version ?? packet.version, octets: Uint8Array.from(octets) }
  })

const anything = fc.oneof(random, mutated)

/** Rules that only one of the two knows, by what the one that knows says of it. */
const onPurpose = [
  // The broker does not read payloads; the trace says where one is not what it claims.
  /(Payload|Message) is said to be UTF-8 and is not/,
  // The broker's session engine says so with a Return Code.
  /MQTT-3\.1\.3-7/,
  /Client Identifier of MQTT 3\.1 has 1 to 23 characters/,
  // The trace reads packets of Servers as well, which may have these.
  /MQTT-3\.3\.4-6/,
  /is no Reason Code that a Client may send/,
  // Mosquitto's bridges mark their levels so; refused they come again without the mark.
  /MQTT-3\.1\.2-2] Protocol Level 13[12]/,
  // Clients of 3.1.1 may use Shared Subscriptions here, by the same rules.
  /ShareName of a Shared Subscription/,
]

function isOnPurpose(message: string): boolean {
  return onPurpose.some((pattern) => pattern.test(message))
}

describe('reading octets of any kind', () => {
  it('gives a packet or a PacketError and nothing else', () => {
    const topics = new TopicReader()
    fc.assert(
      fc.property(anything, ({ version, octets }) => {
        if (!isFromClient(packetTypeOf(octets[0] as number), version)) return
        const error = errorOf(octets, version, topics)
        if (error === undefined) return
        expect([0x81, 0x82, 0x84, 0x94]).toContain(error.code)
        expect(error.message).toMatch(/^\[(MQTT-\d+\.\d+\.\d+-\d+|MQTT 3\.1|MQTT (3\.1\.1|5) §[\d.]+)\] ./)
      }),
    )
  })

  it('refuses what decodePacket finds a violation in, and nothing else but what is on purpose', () => {
    fc.assert(
      fc.property(anything, ({ version, octets }) => {
        if (!isFromClient(packetTypeOf(octets[0] as number), version)) return
        const violations = decodePacket(octets, version).violations.map(formatViolation)
        const others = violations.filter((message) => !isOnPurpose(message))
        const error = errorOf(octets, version)
        if (error === undefined) expect(others).toEqual([])
        else if (!isOnPurpose(error.message)) expect(violations, error.message).not.toEqual([])
      }),
    )
  })

  it('takes every good packet of a Client', () => {
    fc.assert(
      fc.property(conformingPacket, ({ version, octets }) => {
        if (!isFromClient(packetTypeOf(octets[0] as number), version)) return
        const error = errorOf(octets, version)
        if (error !== undefined && !isOnPurpose(error.message)) throw error
      }),
    )
  })
})

describe('where the broker and the trace differ on purpose', () => {
  const a = prefixed('a')
  const onlyTrace: readonly (readonly [string, ProtocolVersion, Uint8Array])[] = [
    ['a payload that is not the text it claims', 5, packetOfParts(0x30, a, 2, 1, 1, 0xff)],
    ['an empty Client Identifier whose Session is to be kept', 4, connectOf(4, 0, [], 0, 0)],
    ['a long Client Identifier of 3.1', 3, connectOf(3, 2, [], prefixed('x'.repeat(24)))],
  ]
  for (const [what, version, octets] of onlyTrace) {
    it(`only the trace complains: ${what}`, () => {
      expect(decodePacket(octets, version).violations).toHaveLength(1)
      expect(errorOf(octets, version)).toBeUndefined()
    })
  }

  const onlyBroker: readonly (readonly [string, ProtocolVersion, Uint8Array])[] = [
    ['a Subscription Identifier in PUBLISH', 5, packetOfParts(0x30, a, 2, 11, 1)],
    ['DISCONNECT with 0x8e', 5, packetOfParts(0xe0, 0x8e)],
    ['PUBACK with 0x10', 5, packetOfParts(0x40, 0, 7, 0x10)],
    ['AUTH with Success', 5, packetOfParts(0xf0, 0, 4, 0x15, a)],
    ['the level of a bridge', 4, connectOf(0x84, 2, [], a)],
    ['a ShareName with a wildcard in 3.1.1', 4, packetOfParts(0x82, 0, 7, prefixed('$share/+/a'), 0)],
  ]
  for (const [what, version, octets] of onlyBroker) {
    it(`only the broker complains: ${what}`, () => {
      expect(decodePacket(octets, version).violations).toEqual([])
      expect(errorOf(octets, version)).toBeDefined()
    })
  }
})
