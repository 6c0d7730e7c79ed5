import fc from 'fast-check'
import { type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { readVariableByteInteger, summarize } from '../../../../app/mqtt/summary.ts'
import { anyPacket, concat } from '../../../helpers/packets.ts'

/** What mqtt-packet, which shares no line with ours, reads from the same octets. */
function read(octets: Uint8Array, version: 4 | 5): Packet {
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

/** The same words for the same things. */
function expected(packet: Packet) {
  const common = { type: packet.cmd.toUpperCase() }
  switch (packet.cmd) {
    case 'connect': {
      const { clientId, protocolVersion, keepalive: keepAlive, clean, username: userName } = packet
      return { ...common, clientId, protocolVersion, keepAlive, clean, userName }
    }
    case 'connack':
      return { ...common, sessionPresent: packet.sessionPresent, code: packet.reasonCode ?? packet.returnCode }
    case 'publish': {
      const { topic, qos, dup, retain, payload } = packet
      const octets = new Uint8Array(payload as Buffer)
      return { ...common, topic, qos, dup, retain, payload: octets, packetId: qos === 0 ? undefined : packet.messageId }
    }
    case 'subscribe':
      return { ...common, packetId: packet.messageId, topic: packet.subscriptions[0]?.topic }
    case 'unsubscribe':
      return { ...common, packetId: packet.messageId, topic: packet.unsubscriptions[0] }
    case 'suback':
      return { ...common, packetId: packet.messageId, code: packet.granted[0] }
    default:
      return { ...common, packetId: packet.messageId }
  }
}

describe('summarize', () => {
  it('reads what mqtt-packet reads, in 3.1.1 and 5', () => {
    fc.assert(
      fc.property(anyPacket, ({ octets, version }) => {
        const { payload, ...summary } = summarize(new Uint8Array(octets), version)
        expect({ ...summary, ...(payload && { payload }) }).toMatchObject(expected(read(octets, version)))
      }),
      { numRuns: 1000 },
    )
  })

  it('reads the Reason Code of an MQTT 5 acknowledgement, which may be left out', () => {
    expect(summarize(Uint8Array.of(0x40, 3, 0, 9, 0x97), 5)).toMatchObject({ packetId: 9, code: 0x97 })
    expect(summarize(Uint8Array.of(0x40, 2, 0, 9), 5).code).toBeUndefined()
  })

  it('never throws on noise, and makes up no payload', () => {
    const cut = fc.tuple(anyPacket, fc.nat()).map(([{ octets }, at]) => octets.subarray(0, at % octets.length))
    const longer = fc.tuple(anyPacket, fc.uint8Array()).map(([{ octets }, rest]) => concat([octets, rest]))
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 100 }), cut, longer),
        fc.constantFrom(3, 4, 5),
        (octets, version) => {
          const { payload } = summarize(octets, version)
          expect(payload?.length ?? 0).toBeLessThanOrEqual(octets.length)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('gives of a PUBLISH that is cut short what comes before the cut', () => {
    const publish = Uint8Array.of(0x32, 8, 0, 3, 0x61, 0x2f, 0x62, 0, 7, 1)
    expect(summarize(publish, 4)).toMatchObject({ topic: 'a/b', packetId: 7, payload: Uint8Array.of(1) })
    expect(summarize(publish.subarray(0, 9), 4)).toMatchObject({
      topic: 'a/b',
      packetId: 7,
      payload: new Uint8Array(0),
    })
    expect(summarize(publish.subarray(0, 8), 4)).toMatchObject({
      topic: 'a/b',
      packetId: undefined,
      payload: undefined,
    })
    expect(summarize(publish.subarray(0, 6), 4)).toMatchObject({
      topic: undefined,
      packetId: undefined,
      payload: undefined,
    })
  })

  it('does not guess what follows the topic when both QoS bits are set', () => {
    const publish = Uint8Array.of(0x36, 4, 0, 1, 0x61, 9)
    expect(summarize(publish, 4)).toMatchObject({ topic: 'a', qos: undefined, packetId: undefined, payload: undefined })
  })
})

describe('readVariableByteInteger', () => {
  it('reads the values of the table in the specification', () => {
    expect(readVariableByteInteger(Uint8Array.of(0x7f), 0)).toEqual({ value: 127, end: 1 })
    expect(readVariableByteInteger(Uint8Array.of(9, 0x80, 0x01), 1)).toEqual({ value: 128, end: 3 })
    expect(readVariableByteInteger(Uint8Array.of(0xff, 0xff, 0xff, 0x7f), 0)).toEqual({ value: 268_435_455, end: 4 })
  })

  it('refuses a fifth octet, and one that is cut short', () => {
    expect(readVariableByteInteger(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x01), 0)).toBeUndefined()
    expect(readVariableByteInteger(Uint8Array.of(0xff), 0)).toBeUndefined()
  })
})
