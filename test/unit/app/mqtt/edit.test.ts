import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../../app/mqtt/decode.ts'
import { readEditable, withFlag, withPacketId, withPayload, withQos } from '../../../../app/mqtt/edit.ts'
import { everyField } from '../../../helpers/fields.ts'
import type { EncodedPacket } from '../../../helpers/packets.ts'
import { conformingPacket, conformingPublish } from '../../../helpers/properties.ts'

const withId = conformingPacket.filter(({ octets, version }) => readEditable(octets, version).packetId !== undefined)

function bare({ octets }: EncodedPacket): Uint8Array {
  return new Uint8Array(octets)
}

/** As toEqual, which takes its time over thousands of octets. */
function isSame(octets: Uint8Array | undefined, others: Uint8Array): boolean {
  return octets !== undefined && Buffer.compare(octets, others) === 0
}

/** What every field says but those named. */
function others(octets: Uint8Array, version: 4 | 5, but: readonly string[]): string[] {
  const left = new Set(['Fixed Header', 'Flags', ...but])
  return everyField(decodePacket(octets, version).fields)
    .filter(({ name }) => !left.has(name))
    .map(({ name, value }) => `${name} ${value}`)
}

describe('editing a packet', () => {
  it('sets DUP and RETAIN and nothing else, and takes it back', () => {
    fc.assert(
      fc.property(
        conformingPublish,
        fc.constantFrom('DUP' as const, 'RETAIN' as const),
        fc.boolean(),
        (packet, flag, on) => {
          const octets = bare(packet)
          const was = readEditable(octets, packet.version)
          const changed = withFlag(octets, flag, on)
          const key = flag === 'DUP' ? 'dup' : 'retain'
          expect(readEditable(changed, packet.version)).toEqual({ ...was, [key]: on })
          expect(others(changed, packet.version, [flag])).toEqual(others(octets, packet.version, [flag]))
          expect(withFlag(changed, flag, was[key] ?? false)).toEqual(octets)
        },
      ),
    )
  })

  it('sets the Packet Identifier and nothing else, and takes it back', () => {
    fc.assert(
      fc.property(withId, fc.nat(65535), (packet, id) => {
        const octets = bare(packet)
        const was = readEditable(octets, packet.version)
        const changed = withPacketId(octets, packet.version, id)
        expect(readEditable(changed, packet.version)).toEqual({ ...was, packetId: id })
        const but = ['Packet Identifier']
        expect(others(changed, packet.version, but)).toEqual(others(octets, packet.version, but))
        expect(withPacketId(changed, packet.version, was.packetId ?? -1)).toEqual(octets)
      }),
    )
  })

  it('sets the payload and the Remaining Length, and takes it back', () => {
    // On both sides of where the Remaining Length takes another octet.
    const lengths = fc.constantFrom(0, 1, 100, 120, 128, 300, 16_370, 16_390)
    const payloads = fc.tuple(lengths, fc.nat(255)).map(([length, octet]) => new Uint8Array(length).fill(octet))
    fc.assert(
      fc.property(conformingPublish, payloads, (packet, payload) => {
        const octets = bare(packet)
        const was = readEditable(octets, packet.version)
        const changed = withPayload(octets, packet.version, payload)
        expect(decodePacket(changed, packet.version).violations).toEqual([])
        const { payload: is, ...fields } = readEditable(changed, packet.version)
        expect({ ...was, ...fields }).toEqual(was)
        expect(isSame(is, payload)).toBe(true)
        const but = ['Payload', 'Remaining Length']
        expect(others(changed, packet.version, but)).toEqual(others(octets, packet.version, but))
        const back = withPayload(changed, packet.version, was.payload ?? new Uint8Array(0))
        expect(isSame(back, octets)).toBe(true)
      }),
    )
  })

  it('sets the QoS, with a Packet Identifier where one is needed and without where not, and takes it back', () => {
    fc.assert(
      fc.property(
        conformingPublish,
        fc.constantFrom(0 as const, 1 as const, 2 as const),
        fc.integer({ min: 1, max: 65535 }),
        (packet, qos, id) => {
          const octets = withFlag(bare(packet), 'DUP', false)
          const was = readEditable(octets, packet.version)
          const changed = withQos(octets, packet.version, qos, id)
          expect(decodePacket(changed, packet.version).violations).toEqual([])
          const packetId = qos === 0 ? undefined : (was.packetId ?? id)
          expect(readEditable(changed, packet.version)).toEqual({ ...was, qos, packetId })
          const but = ['QoS', 'Packet Identifier', 'Remaining Length']
          expect(others(changed, packet.version, but)).toEqual(others(octets, packet.version, but))
          expect(withQos(changed, packet.version, was.qos as 0 | 1 | 2, was.packetId ?? 0)).toEqual(octets)
        },
      ),
    )
  })

  it('leaves alone what it was given, and packets that have no such field', () => {
    const ping = Uint8Array.of(0xc0, 0)
    expect(withPacketId(ping, 4, 7)).toEqual(ping)
    expect(withPayload(ping, 4, Uint8Array.of(1))).toEqual(ping)
    expect(readEditable(ping, 4)).toEqual({
      dup: undefined,
      qos: undefined,
      retain: undefined,
      packetId: undefined,
      payload: undefined,
    })
    const given = Uint8Array.of(0x30, 3, 0, 1, 0x74)
    withPayload(withFlag(given, 'RETAIN', true), 4, Uint8Array.of(1))
    expect(given).toEqual(Uint8Array.of(0x30, 3, 0, 1, 0x74))
  })

  it('finds no half of a Packet Identifier, and never throws at noise', () => {
    expect(readEditable(Uint8Array.of(0x40, 2, 9), 4).packetId).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(3, 4, 5), (octets, version) => {
        readEditable(octets, version)
        withQos(octets, version, 1, 9)
        withPayload(octets, version, Uint8Array.of(1))
        withPacketId(octets, version, 9)
      }),
    )
  })
})
