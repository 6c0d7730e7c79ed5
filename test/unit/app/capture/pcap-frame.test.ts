import { describe, expect, it } from 'vitest'
import { TcpConversation } from '../../../../app/capture/pcap-conversation.ts'
import { tcpSegment } from '../../../../app/capture/pcap-frame.ts'
import { concat } from '../../../helpers/packets.ts'

const tcp = new TcpConversation({ address: 0x0a000007, port: 50000 }, { address: 0xc0000201, port: 1883 }, 76)
tcp.begun()
const [packet] = [...tcp.data('client', Uint8Array.of(0xc0, 0))] as [Uint8Array]
const header = packet.subarray(20)

const segment = {
  source: '10.0.0.7:50000',
  target: '192.0.2.1:1883',
  sourcePort: 50000,
  targetPort: 1883,
  seq: 77,
  syn: false,
  ack: true,
  fin: false,
  rst: false,
  payload: Uint8Array.of(0xc0, 0),
  length: 2,
}

/** An IPv6 packet with these headers between. */
function ipv6(next: number, ...extensions: Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(40)
  const view = new DataView(octets.buffer)
  octets[0] = 0x60
  view.setUint16(
    4,
    extensions.reduce((sum, { length }) => sum + length, header.length),
  )
  octets[6] = next
  octets.set([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 7], 8)
  octets.set([...new Array(15).fill(0), 1], 24)
  return concat([octets, ...extensions, header])
}

const sixes = { source: '[2001:db8::1:0:0:7]:50000', target: '[::1]:1883' }
const zeros = (count: number) => new Uint8Array(count)
const frame = (link: number, octets: Uint8Array, more = 0) => ({ time: 0n, link, octets, length: octets.length + more })

describe('tcpSegment', () => {
  it.each([
    ['raw IP', 101, []],
    ['raw IPv4', 228, []],
    ['BSD loopback', 0, [2, 0, 0, 0]],
    ['OpenBSD loopback', 108, [0, 0, 0, 2]],
    ['Ethernet', 1, [...zeros(12), 8, 0]],
    ['Ethernet with a VLAN', 1, [...zeros(12), 0x81, 0, 0, 5, 8, 0]],
    ['Ethernet with two VLANs', 1, [...zeros(12), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]],
    ['Linux cooked', 113, [...zeros(14), 8, 0]],
    ['Linux cooked, version 2', 276, [8, 0, ...zeros(18)]],
  ])('finds it in %s', (_, link, before) => {
    expect(tcpSegment(frame(link, concat([Uint8Array.from(before), packet])))).toEqual(segment)
  })

  it('takes nothing of what Ethernet fills up short frames with', () => {
    expect(tcpSegment(frame(1, concat([zeros(12), Uint8Array.of(8, 0), packet, zeros(6)])))).toEqual(segment)
  })

  it.each([
    ['alone', ipv6(6)],
    [
      'behind hop-by-hop and destination options',
      ipv6(0, Uint8Array.of(60, 0, ...zeros(6)), Uint8Array.of(6, 1, ...zeros(14))),
    ],
    ['behind an authentication header', ipv6(51, Uint8Array.of(6, 4, ...zeros(22)))],
    ['behind the header of a fragment that is whole', ipv6(44, Uint8Array.of(6, ...zeros(7)))],
  ])('finds it in IPv6, %s', (_, octets) => {
    expect(tcpSegment(frame(229, octets))).toEqual({ ...segment, ...sixes })
  })

  it('says how much was there of a frame that was cut', () => {
    expect(tcpSegment(frame(101, packet.subarray(0, 41), 1))).toEqual({ ...segment, payload: Uint8Array.of(0xc0) })
    expect(tcpSegment(frame(101, packet.subarray(0, 40), 2))).toEqual({ ...segment, payload: zeros(0) })
  })

  it('takes the length of the frame where the network card was to cut the segment', () => {
    const unknown = packet.slice()
    unknown.fill(0, 2, 4)
    expect(tcpSegment(frame(101, unknown))).toEqual(segment)
  })

  it.each([
    ['not TCP', 101, (octets: Uint8Array) => octets.fill(17, 9, 10)],
    ['fragment', 101, (octets: Uint8Array) => octets.fill(0x20, 6, 7)],
    ['fragment', 101, (octets: Uint8Array) => octets.fill(1, 7, 8)],
    ['cut short', 101, (octets: Uint8Array) => octets.subarray(0, 30)],
    ['not TCP', 101, (octets: Uint8Array) => octets.fill(0x70, 0, 1)],
    ['link type', 147, (octets: Uint8Array) => octets],
    ['not TCP', 1, (octets: Uint8Array) => concat([zeros(12), Uint8Array.of(8, 6), octets])],
  ])('says %s where there is none', (why, link, change) => {
    expect(tcpSegment(frame(link, change(packet.slice())))).toBe(why)
  })

  it('sees a fragment of IPv6', () => {
    expect(tcpSegment(frame(229, ipv6(44, Uint8Array.of(6, 0, 0, 1, 0, 0, 0, 0))))).toBe('fragment')
  })
})
