import type { PcapFrame } from './pcap-file.ts'

/** A TCP segment, as far as it was captured. */
export interface TcpSegment {
  /** Such as `10.0.0.7:51422` or `[fe80::1]:51422`. */
  readonly source: string
  readonly target: string
  readonly sourcePort: number
  readonly targetPort: number
  readonly seq: number
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  readonly payload: Uint8Array
  /** How many octets of payload it had on the wire: more than there are where the capture cut frames. */
  readonly length: number
}

/** Why a frame is no use, where that matters to who asked for it. */
export type Unusable = 'link type' | 'fragment' | 'cut short' | 'not TCP'

const ether = { ipv4: 0x0800, ipv6: 0x86dd } as const
const vlanTags = new Set([0x8100, 0x88a8, 0x9100])
/** Extension headers of IPv6 that are skipped: hop-by-hop, routing, destination, and the authentication header. */
const extensions = new Set([0, 43, 60, 51])

/** Finds the TCP segment in a frame of Ethernet, raw IP, Linux "cooked" capture, or loopback. */
export function tcpSegment({ link, octets, length }: PcapFrame): TcpSegment | Unusable {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  try {
    const network = networkLayer(link, view)
    if (typeof network === 'string') return network
    const version = view.getUint8(network) >>> 4
    // What stood on the wire behind what was captured counts as the packet's own.
    const missing = length - octets.length
    if (version === 4) return ipv4(view, network, missing)
    return version === 6 ? ipv6(view, network, missing) : 'not TCP'
  } catch (error) {
    // Reading behind the end: the frame is shorter than its headers.
    if (error instanceof RangeError) return 'cut short'
    throw error
  }
}

/** Where the IP packet begins. */
function networkLayer(link: number, view: DataView): number | Unusable {
  switch (link) {
    // BSD loopback, in the octet order of whoever captured, and OpenBSD's; then an IP packet whatever the family's number.
    case 0:
    case 108:
      return 4
    case 1:
      return behindEtherType(view, 12)
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return 0
    // Linux "cooked": `any` as an interface.
    case 113:
      return behindEtherType(view, 14)
    case 276:
      return isIp(view.getUint16(0)) ? 20 : 'not TCP'
    default:
      return 'link type'
  }
}

function behindEtherType(view: DataView, start: number): number | Unusable {
  let at = start
  while (vlanTags.has(view.getUint16(at))) at += 4
  return isIp(view.getUint16(at)) ? at + 2 : 'not TCP'
}

function isIp(type: number): boolean {
  return type === ether.ipv4 || type === ether.ipv6
}

function ipv4(view: DataView, start: number, missing: number): TcpSegment | Unusable {
  if (view.getUint8(start + 9) !== 6) return 'not TCP'
  // More fragments, or not the first one.
  if (view.getUint16(start + 6) & 0x3fff) return 'fragment'
  const header = (view.getUint8(start) & 15) * 4
  // Where the network card cuts segments itself, the length is not known yet and 0.
  const total = view.getUint16(start + 2) || view.byteLength + missing - start
  const text = (at: number) => [0, 1, 2, 3].map((i) => view.getUint8(at + i)).join('.')
  return tcp(view, start + header, total - header, text(start + 12), text(start + 16))
}

function ipv6(view: DataView, start: number, missing: number): TcpSegment | Unusable {
  let next = view.getUint8(start + 6)
  let at = start + 40
  const end = at + (view.getUint16(start + 4) || view.byteLength + missing - at)
  while (next !== 6) {
    if (next === 44) {
      if (view.getUint16(at + 2) & 0xfff9) return 'fragment'
      next = view.getUint8(at)
      at += 8
    } else if (extensions.has(next)) {
      const length = view.getUint8(at + 1)
      const octets = next === 51 ? (length + 2) * 4 : (length + 1) * 8
      next = view.getUint8(at)
      at += octets
    } else {
      return 'not TCP'
    }
  }
  return tcp(view, at, end - at, `[${ipv6Text(view, start + 8)}]`, `[${ipv6Text(view, start + 24)}]`)
}

/** The longest run of zeros as `::` [RFC 5952 §4.2]. */
function ipv6Text(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16))
  let [start, length] = [0, 0]
  for (let i = 0; i < 8; i++) {
    let zeros = 0
    while (groups[i + zeros] === '0') zeros += 1
    if (zeros > length) [start, length] = [i, zeros]
  }
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function tcp(view: DataView, start: number, length: number, from: string, to: string): TcpSegment | Unusable {
  const sourcePort = view.getUint16(start)
  const targetPort = view.getUint16(start + 2)
  const header = (view.getUint8(start + 12) >>> 4) * 4
  const flags = view.getUint8(start + 13)
  const payload = start + header
  if (header < 20 || length < header) return 'not TCP'
  const captured = Math.max(0, Math.min(view.byteLength - payload, length - header))
  return {
    source: `${from}:${sourcePort}`,
    target: `${to}:${targetPort}`,
    sourcePort,
    targetPort,
    seq: view.getUint32(start + 4),
    fin: (flags & 1) !== 0,
    syn: (flags & 2) !== 0,
    rst: (flags & 4) !== 0,
    ack: (flags & 16) !== 0,
    // A copy: it may have to wait, and the frame's memory is used again.
    payload: new Uint8Array(view.buffer, view.byteOffset + Math.min(payload, view.byteLength), captured).slice(),
    length: length - header,
  }
}
