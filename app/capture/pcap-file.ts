import { FaultlineError } from '../base/errors.ts'

/** One frame of a capture file. */
export interface PcapFrame {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  /** Its link type, as https://www.tcpdump.org/linktypes.html numbers them. */
  readonly link: number
  /** As far as it was captured; `length` is what it had on the wire. */
  readonly octets: Uint8Array
  readonly length: number
}

/** A block or a frame that says it is larger is damage. */
const mostBlock = 16 * 1024 * 1024
const section = 0x0a0d0d0a

interface Interface {
  readonly link: number
  readonly snapLength: number
  /** Nanoseconds of `units` units of its time stamps. */
  readonly nanoseconds: bigint
  readonly units: bigint
  /** To be added, in nanoseconds. */
  readonly offset: bigint
}

/** Whether a file that starts with these four octets is a pcap or pcapng. */
export function isPcap(start: Uint8Array): boolean {
  return start.length >= 4 && (magicOf(start) === section || classicOf(start) !== undefined)
}

/**
 * Reads pcap (either octet order, microseconds or nanoseconds) and pcapng (several sections and interfaces, packets in
 * enhanced, simple and the obsolete packet blocks) in whatever pieces they come. Only what is not whole yet is kept.
 */
export class PcapReader {
  readonly #sink: (frame: PcapFrame) => void
  #waiting = new Uint8Array(0)
  #read: ((octets: Uint8Array) => number) | undefined
  #bigEndian = false
  #interfaces: Interface[] = []
  #lastTime = 0n
  #offset = 0
  #problem: string | undefined

  constructor(sink: (frame: PcapFrame) => void) {
    this.#sink = sink
  }

  /**
   * After damage everything is ignored; `end` tells.
   *
   * @throws FaultlineError `invalid-argument` when the file is neither.
   */
  push(chunk: Uint8Array): void {
    if (this.#problem !== undefined) return
    let octets = chunk
    if (this.#waiting.length > 0) {
      octets = new Uint8Array(this.#waiting.length + chunk.length)
      octets.set(this.#waiting)
      octets.set(chunk, this.#waiting.length)
    }
    let at = 0
    while (this.#problem === undefined) {
      this.#read ??= octets.length < 4 ? undefined : this.#recognize(octets)
      // 0 means that it is not whole yet.
      const taken = this.#read?.(octets.subarray(at)) ?? 0
      if (taken === 0) break
      at += taken
      this.#offset += taken
    }
    this.#waiting = octets.slice(at)
  }

  /** What is wrong with the file, in words. */
  end(): string | undefined {
    if (this.#read === undefined && this.#waiting.length > 0) this.#recognize(this.#waiting)
    if (this.#problem === undefined && this.#waiting.length > 0) this.#problem = `it ends within a packet`
    return this.#problem && `from octet ${this.#offset} on it cannot be read: ${this.#problem}`
  }

  #recognize(start: Uint8Array): (octets: Uint8Array) => number {
    if (start.length >= 4 && magicOf(start) === section) return (octets) => this.#block(octets)
    const classic = classicOf(start)
    if (classic === undefined) throw notPcap()
    this.#bigEndian = classic.bigEndian
    let link = -1
    return (octets) => {
      if (link >= 0) return this.#classicPacket(octets, link, classic.nanoseconds)
      if (octets.length < 24) return 0
      // The upper half may hold the length of a frame's check sum.
      link = this.#view(octets).getUint32(20, !this.#bigEndian) & 0xffff
      return 24
    }
  }

  #classicPacket(octets: Uint8Array, link: number, nanoseconds: bigint): number {
    if (octets.length < 16) return 0
    const view = this.#view(octets)
    const [seconds, fraction, captured, length] = [0, 4, 8, 12].map((at) => view.getUint32(at, !this.#bigEndian)) as [
      number,
      number,
      number,
      number,
    ]
    if (captured > mostBlock) return this.#damage('the length of a packet does not make sense')
    if (octets.length < 16 + captured) return 0
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * nanoseconds
    this.#sink({ time, link, octets: octets.subarray(16, 16 + captured), length: Math.max(length, captured) })
    return 16 + captured
  }

  #block(octets: Uint8Array): number {
    if (octets.length < 12) return 0
    if (magicOf(octets) === section) {
      const magic = this.#view(octets).getUint32(8)
      if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a) return this.#damage('a section header is broken')
      this.#bigEndian = magic === 0x1a2b3c4d
      this.#interfaces = []
    }
    const view = this.#view(octets)
    const type = view.getUint32(0, !this.#bigEndian)
    const length = view.getUint32(4, !this.#bigEndian)
    if (length < 12 || length % 4 !== 0 || length > mostBlock) return this.#damage('the length of a block is wrong')
    if (octets.length < length) return 0
    if (view.getUint32(length - 4, !this.#bigEndian) !== length) return this.#damage('a block does not end as it began')
    this.#take(type, octets.subarray(8, length - 4))
    return length
  }

  #take(type: number, body: Uint8Array): void {
    const view = this.#view(body)
    const uint32 = (at: number) => view.getUint32(at, !this.#bigEndian)
    const uint16 = (at: number) => view.getUint16(at, !this.#bigEndian)
    if (type === 1 && body.length >= 8) {
      this.#interfaces.push(this.#interface(uint16(0), uint32(4), body.subarray(8)))
    } else if (type === 3 && body.length >= 4) {
      const snapLength = this.#interfaces[0]?.snapLength || Number.POSITIVE_INFINITY
      const captured = Math.min(uint32(0), snapLength, body.length - 4)
      this.#packet(0, undefined, body.subarray(4, 4 + captured), uint32(0))
    } else if ((type === 6 || type === 2) && body.length >= 20) {
      const stamp = (BigInt(uint32(4)) << 32n) | BigInt(uint32(8))
      const captured = uint32(12)
      if (captured > body.length - 20) this.#damage('a packet is longer than its block')
      else this.#packet(type === 6 ? uint32(0) : uint16(0), stamp, body.subarray(20, 20 + captured), uint32(16))
    }
    // Everything else is not about packets: names, statistics, secrets.
  }

  #packet(id: number, stamp: bigint | undefined, octets: Uint8Array, length: number): void {
    const from = this.#interfaces[id]
    if (from === undefined) {
      this.#damage('a packet is of an interface that was not described')
      return
    }
    // A simple packet block has no time.
    if (stamp !== undefined) this.#lastTime = (stamp * from.nanoseconds) / from.units + from.offset
    this.#sink({ time: this.#lastTime, link: from.link, octets, length: Math.max(length, octets.length) })
  }

  #interface(link: number, snapLength: number, options: Uint8Array): Interface {
    const view = this.#view(options)
    let [nanoseconds, units, offset] = [1000n, 1n, 0n]
    for (let at = 0; at + 4 <= options.length; ) {
      const code = view.getUint16(at, !this.#bigEndian)
      const length = view.getUint16(at + 2, !this.#bigEndian)
      if (code === 0 || at + 4 + length > options.length) break
      if (code === 9 && length === 1) {
        // A power of ten, or of two with the upper bit.
        const power = options[at + 4] as number
        nanoseconds = 1_000_000_000n
        units = power & 0x80 ? 2n ** BigInt(power & 0x7f) : 10n ** BigInt(power)
      } else if (code === 14 && length === 8) {
        offset = view.getBigInt64(at + 4, !this.#bigEndian) * 1_000_000_000n
      }
      at += 4 + ((length + 3) & ~3)
    }
    return { link, snapLength, nanoseconds, units, offset }
  }

  #view(octets: Uint8Array): DataView {
    return new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  }

  #damage(why: string): number {
    this.#problem ??= why
    return 0
  }
}

function magicOf(octets: Uint8Array): number {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(0)
}

function classicOf(octets: Uint8Array): { bigEndian: boolean; nanoseconds: bigint } | undefined {
  const magic = octets.length < 4 ? 0 : magicOf(octets)
  if (magic === 0xa1b2c3d4) return { bigEndian: true, nanoseconds: 1000n }
  if (magic === 0xd4c3b2a1) return { bigEndian: false, nanoseconds: 1000n }
  if (magic === 0xa1b23c4d) return { bigEndian: true, nanoseconds: 1n }
  if (magic === 0x4d3cb2a1) return { bigEndian: false, nanoseconds: 1n }
  return undefined
}

function notPcap(): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: 'it is neither a recording of Faultline nor a pcap or pcapng file',
    hint: 'a compressed file has to be unpacked first',
  })
}
