/** An IPv4 address as a number, and a port. */
export interface Endpoint {
  readonly address: number
  readonly port: number
}

export type Side = 'client' | 'broker'

const flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const
/** What fits in a frame of Ethernet: a larger packet goes in several segments. */
export const segmentOctets = 1460
/** How much may be on its way without an acknowledgement; below the window, which has no scale. */
const mostUnacknowledged = 32 * 1024

interface End extends Endpoint {
  /** Sequence number of its next octet. */
  seq: number
  /** Up to where the other end has acknowledged. */
  acknowledged: number
  window: number
}

/**
 * Writes a TCP connection that never was as IPv4 packets: what its two ends would have sent if nothing had been lost.
 * Check sums are right, and so are sequence numbers and acknowledgements.
 */
export class TcpConversation {
  readonly #ends: Record<Side, End>
  #identification = 0

  /** @param isn the initial sequence number of both ends; a later connection between the same ports needs another. */
  constructor(client: Endpoint, broker: Endpoint, isn: number) {
    const end = (endpoint: Endpoint): End => ({ ...endpoint, seq: isn, acknowledged: isn, window: 65535 })
    this.#ends = { client: end(client), broker: end(broker) }
  }

  /** SYN, SYN and ACK, ACK. */
  handshake(): Uint8Array[] {
    const { client, broker } = this.#ends
    const mss = Uint8Array.of(2, 4, segmentOctets >>> 8, segmentOctets & 255)
    const syn = this.#segment('client', flag.syn, nothing, mss)
    client.seq = add(client.seq, 1)
    const answer = this.#segment('broker', flag.syn | flag.ack, nothing, mss)
    broker.seq = add(broker.seq, 1)
    return [syn, answer, this.#segment('client', flag.ack)]
  }

  /** Without a handshake: as if both had just been through one. */
  begun(): void {
    for (const end of [this.#ends.client, this.#ends.broker]) end.seq = end.acknowledged = add(end.seq, 1)
  }

  /** @param length how many octets to send; those that are missing in `octets` are 0. */
  *data(from: Side, octets: Uint8Array, length = octets.length): Generator<Uint8Array> {
    const end = this.#ends[from]
    for (let at = 0; at < length; at += segmentOctets) {
      const size = Math.min(segmentOctets, length - at)
      const there = octets.subarray(at, at + size)
      yield this.#segment(from, flag.ack | (at + size === length ? flag.psh : 0), padded(there, size))
      end.seq = add(end.seq, size)
      if (add(end.seq, -end.acknowledged) > mostUnacknowledged) yield this.#segment(otherSide(from), flag.ack)
    }
  }

  /**
   * A segment without data, for a comment to stand on. Where there is nothing to acknowledge its window differs by one,
   * so that nobody takes it for a duplicate that asks for a retransmission.
   */
  bare(from: Side): Uint8Array {
    const end = this.#ends[from]
    const other = this.#ends[otherSide(from)]
    if (other.acknowledged === other.seq) end.window = end.window === 65535 ? 65534 : 65535
    return this.#segment(from, flag.ack)
  }

  /** Both ends send FIN, `first` before the other. */
  close(first: Side): Uint8Array[] {
    const second = otherSide(first)
    const fins = [first, second].map((side) => {
      const fin = this.#segment(side, flag.fin | flag.ack)
      this.#ends[side].seq = add(this.#ends[side].seq, 1)
      return fin
    })
    return [...fins, this.#segment(first, flag.ack)]
  }

  reset(from: Side): Uint8Array {
    return this.#segment(from, flag.rst | flag.ack)
  }

  #segment(from: Side, flags: number, payload: Uint8Array = nothing, options: Uint8Array = nothing): Uint8Array {
    const source = this.#ends[from]
    const target = this.#ends[otherSide(from)]
    const header = 20 + options.length
    const octets = new Uint8Array(header + payload.length)
    const view = new DataView(octets.buffer)
    view.setUint16(0, source.port)
    view.setUint16(2, target.port)
    view.setUint32(4, source.seq)
    if (flags & flag.ack) {
      view.setUint32(8, target.seq)
      target.acknowledged = target.seq
    }
    octets[12] = (header / 4) << 4
    octets[13] = flags
    view.setUint16(14, source.window)
    octets.set(options, 20)
    octets.set(payload, header)
    view.setUint16(16, transportSum(source, target, 6, octets))
    return ipv4(source, target, 6, octets, this.#identification++ & 0xffff)
  }
}

/** A UDP datagram as an IPv4 packet. */
export function udpDatagram(source: Endpoint, target: Endpoint, payload: Uint8Array): Uint8Array {
  const octets = new Uint8Array(8 + payload.length)
  const view = new DataView(octets.buffer)
  view.setUint16(0, source.port)
  view.setUint16(2, target.port)
  view.setUint16(4, octets.length)
  octets.set(payload, 8)
  // A check sum of 0 would mean that there is none [RFC 768].
  view.setUint16(6, transportSum(source, target, 17, octets) || 0xffff)
  return ipv4(source, target, 17, octets, 0)
}

function ipv4(source: Endpoint, target: Endpoint, protocol: number, payload: Uint8Array, id: number): Uint8Array {
  const octets = new Uint8Array(20 + payload.length)
  const view = new DataView(octets.buffer)
  octets[0] = 0x45
  view.setUint16(2, octets.length)
  view.setUint16(4, id)
  // Do not fragment.
  octets[6] = 0x40
  octets[8] = 64
  octets[9] = protocol
  view.setUint32(12, source.address)
  view.setUint32(16, target.address)
  view.setUint16(10, checksum(octets.subarray(0, 20), 0))
  octets.set(payload, 20)
  return octets
}

/** Over the pseudo header as well [RFC 9293 §3.1]. */
function transportSum(source: Endpoint, target: Endpoint, protocol: number, octets: Uint8Array): number {
  const halves = [source.address, target.address].flatMap((address) => [address >>> 16, address & 0xffff])
  const pseudo = halves.reduce((sum, half) => sum + half, protocol + octets.length)
  return checksum(octets, pseudo)
}

/** The Internet check sum [RFC 1071]; `sum` is what was added up before. */
function checksum(octets: Uint8Array, before: number): number {
  let sum = before
  const even = octets.length & ~1
  for (let at = 0; at < even; at += 2) sum += ((octets[at] as number) << 8) | (octets[at + 1] as number)
  if (even < octets.length) sum += (octets[even] as number) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** With zeros at the end, up to this size. */
function padded(octets: Uint8Array, size: number): Uint8Array {
  if (octets.length === size) return octets
  const whole = new Uint8Array(size)
  whole.set(octets)
  return whole
}

/** Sequence numbers wrap around. */
function add(seq: number, count: number): number {
  return (seq + count) >>> 0
}

export function otherSide(side: Side): Side {
  return side === 'client' ? 'broker' : 'client'
}

const nothing = new Uint8Array(0)
