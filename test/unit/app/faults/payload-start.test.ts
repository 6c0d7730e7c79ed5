import fc from 'fast-check'
import type { IConnectPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { payloadStart } from '../../../../app/faults/payload-start.ts'
import { anyPacket, type EncodedPacket } from '../../../helpers/packets.ts'

const lengthOf = (text: string | Uint8Array | undefined) => (text === undefined ? 0 : 2 + Buffer.from(text).length)

/** How many octets the payload has, from what was encoded; see "Payload" of each packet in the specification. */
function payloadLength({ packet, version }: EncodedPacket): number {
  switch (packet.cmd) {
    case 'publish':
      return packet.payload.length
    case 'connect':
      return connectPayload(packet, version)
    case 'subscribe':
      return packet.subscriptions.reduce((sum, { topic }) => sum + lengthOf(topic) + 1, 0)
    case 'unsubscribe':
      return packet.unsubscriptions.reduce((sum, topic) => sum + lengthOf(topic), 0)
    case 'suback':
      return packet.granted.length
    case 'unsuback':
      return version === 5 ? packet.granted.length : 0
    default:
      return 0
  }
}

function connectPayload({ clientId, will, username }: IConnectPacket, version: 4 | 5): number {
  const willLength = will === undefined ? 0 : lengthOf(will.topic) + lengthOf(will.payload) + (version === 5 ? 1 : 0)
  return lengthOf(clientId) + willLength + lengthOf(username)
}

describe('payloadStart', () => {
  it('is where the payload of any packet begins', () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const { octets, version } = packet
        expect(payloadStart(octets, version)).toBe(octets.length - payloadLength(packet))
      }),
    )
  })

  it('is never past the end of what is cut short or noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(3, 4, 5), (octets, version) => {
        const start = payloadStart(octets, version as 3 | 4 | 5)
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start).toBeLessThanOrEqual(octets.length)
      }),
    )
  })

  it('is the end where both QoS bits are set, because nobody can say whether an identifier follows', () => {
    expect(payloadStart(new Uint8Array([0x36, 5, 0, 1, 97, 1, 2]), 4)).toBe(7)
  })
})
