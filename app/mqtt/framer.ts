import { view } from './codec/text.ts'

/**
 * Why octets cannot be taken for a Control Packet:
 * - `reserved packet type`: the fixed header says type 0 [MQTT 3.1.1 §2.2.1, MQTT 5 §2.1.2]
 * - `Remaining Length too long`: it goes on after its fourth octet [MQTT 3.1.1 §2.2.3, MQTT 5 §1.5.5]
 * - `cut short`: the stream ended before the packet did
 *
 * The order is part of the capture's format: add at the end only.
 */
export const malformations = ['reserved packet type', 'Remaining Length too long', 'cut short'] as const

export type Malformation = (typeof malformations)[number]

const empty = new Uint8Array(0)

/**
 * Hears of each Control Packet in turn, or of octets that are none.
 *
 * @param octets valid for ever; a view of what was pushed where the packet lay whole in it.
 * @param rest how many octets of the chunk that was pushed last come after these.
 */
export type FramerSink = (octets: Uint8Array, malformed: Malformation | false, rest: number) => void

/** A packet that was streamed, when its last octet has come, or the last one that will. */
export interface StreamedPacket {
  /** Its first octets, as many as the stream keeps. */
  readonly octets: Uint8Array
  /** How many octets came of it. */
  readonly length: number
  readonly malformed: Malformation | false
}

/** Where the parts of packets go that are too large to be collected. */
export interface FramerStream {
  /** Larger packets are streamed; so many octets of each are collected nevertheless. */
  readonly keeps: number
  /** Asked once for each such packet, when its fixed header is complete: false collects it whole. */
  allows(): boolean
  /**
   * Hears of octets as they come; put together they are the packet. The octets are valid for ever.
   *
   * @param rest as for `FramerSink`.
   * @param packet with the last part, which is empty where the stream ended inside the packet.
   */
  part(octets: Uint8Array, rest: number, packet: StreamedPacket | undefined): void
}

/**
 * Splits a stream of octets into Control Packets by the fixed header alone, in whatever pieces it comes. Nothing is
 * changed, added or lost: what the sink hears, put together, is what was pushed. Where the stream cannot be framed,
 * everything from the start of that packet on is passed on as it comes, marked malformed; framing is never resumed,
 * because nobody can know where the next packet starts.
 *
 * A packet that does not lie whole in one chunk is collected, or streamed where it is large and a `FramerStream` allows.
 */
export class Framer {
  readonly #sink: FramerSink
  readonly #stream: FramerStream | undefined
  /** The octets of a packet that is not whole yet: the first `#held` of this buffer. Of a streamed one the first part. */
  #buffer = empty
  #held = 0
  /** Octets of the fixed header read so far, and the Remaining Length as far as it is known. */
  #headerLength = 0
  #remaining = 0
  /** Length of the whole packet; 0 while its fixed header is not complete. */
  #length = 0
  #malformed: Malformation | false = false
  /** Octets that came of the packet that is being streamed; 0 when none is. */
  #streamed = 0
  /** The packet that is being collected was to be collected whole. */
  #whole = false

  constructor(sink: FramerSink, stream?: FramerStream) {
    this.#sink = sink
    this.#stream = stream
  }

  /** @param chunk must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    let start = this.#streamed > 0 ? this.#streamOn(chunk) : 0
    let at = start
    while (at < chunk.length && !this.#malformed) {
      if (this.#headerLength === 0) {
        const next = this.#emitShort(chunk, at)
        if (next > at) {
          start = at = next
          continue
        }
      }
      if (this.#length === 0) {
        at = this.#readHeader(chunk, at)
        if (this.#length === 0) continue
      }
      const end = start + this.#length - this.#held
      if (end > chunk.length) break
      this.#emit(chunk, start, end)
      start = at = end
    }
    if (start === chunk.length) return
    if (this.#malformed) this.#emit(chunk, start, chunk.length)
    else if (this.#mayStream()) this.#startStream(chunk, start)
    else this.#hold(chunk, start, chunk.length)
  }

  /** The stream has ended. What there is of an unfinished packet goes on as `cut short`. */
  end(): void {
    if (this.#streamed > 0) {
      this.#malformed = 'cut short'
      this.#partOf(empty, 0, true)
    } else if (this.#held > 0) {
      this.#malformed ||= 'cut short'
      this.#emit(empty, 0, 0)
    }
  }

  /** A packet of less than 130 octets that lies whole in the chunk; gives the position after it, `at` where it is not. */
  #emitShort(chunk: Uint8Array, at: number): number {
    const remaining = chunk[at + 1]
    if (remaining === undefined || remaining >= 0x80 || (chunk[at] as number) < 0x10) return at
    const end = at + 2 + remaining
    if (end > chunk.length) return at
    this.#sink(part(chunk, at, end), false, chunk.length - end)
    return end
  }

  /** Reads on in the fixed header; gives the position after what was read. */
  #readHeader(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length) {
      const octet = chunk[at++] as number
      const index = this.#headerLength++
      if (index === 0) {
        if (octet >>> 4 !== 0) continue
        this.#malformed = 'reserved packet type'
        return at
      }
      this.#remaining += (octet & 0x7f) * 128 ** (index - 1)
      if (octet < 0x80) {
        this.#length = this.#headerLength + this.#remaining
        return at
      }
      if (index === 4) {
        this.#malformed = 'Remaining Length too long'
        return at
      }
    }
    return at
  }

  /** Hands over what is held and the given part of the chunk, in one piece. */
  #emit(chunk: Uint8Array, start: number, end: number): void {
    let octets = part(chunk, start, end)
    if (this.#held > 0) {
      this.#hold(chunk, start, end)
      octets = this.#buffer.subarray(0, this.#held)
    }
    this.#startAnew()
    this.#sink(octets, this.#malformed, chunk.length - end)
  }

  /** Whoever hears of a packet may keep it, so the next one gets a buffer of its own. */
  #startAnew(): void {
    this.#buffer = empty
    this.#held = this.#headerLength = this.#remaining = this.#length = this.#streamed = 0
    this.#whole = false
  }

  /**
   * Keeps octets for later. The buffer doubles, so that a packet that comes octet by octet is copied twice at most, and
   * follows what really came: a header that promises 256 MiB costs nothing.
   */
  #hold(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.#held + end - start
    if (needed > this.#buffer.length) {
      const doubled = Math.max(64, 2 * this.#buffer.length, needed)
      const larger = new Uint8Array(this.#length === 0 ? doubled : Math.max(needed, Math.min(doubled, this.#length)))
      larger.set(this.#buffer.subarray(0, this.#held))
      this.#buffer = larger
    }
    this.#buffer.set(part(chunk, start, end), this.#held)
    this.#held = needed
  }

  /** Whether the packet whose fixed header is complete is one that is not to be collected. */
  #mayStream(): boolean {
    const stream = this.#stream
    if (stream === undefined || this.#whole || this.#length <= stream.keeps) return false
    this.#whole = !stream.allows()
    return !this.#whole
  }

  #startStream(chunk: Uint8Array, start: number): void {
    // Octets of the fixed header that came in earlier chunks.
    const before = this.#buffer.slice(0, this.#held)
    if (before.length > 0) {
      this.#streamed = before.length
      this.#stream?.part(before, chunk.length - start, undefined)
    }
    this.#partOf(chunk.subarray(start), 0, false)
  }

  /** Passes on what belongs to the packet that is being streamed; gives the position after it. */
  #streamOn(chunk: Uint8Array): number {
    const end = Math.min(chunk.length, this.#length - this.#streamed)
    if (end > 0) this.#partOf(part(chunk, 0, end), chunk.length - end, this.#streamed + end === this.#length)
    return end
  }

  #partOf(octets: Uint8Array, rest: number, last: boolean): void {
    const stream = this.#stream as FramerStream
    this.#streamed += octets.length
    const wanted = Math.min(octets.length, stream.keeps - this.#held)
    if (wanted > 0) this.#hold(octets, 0, wanted)
    if (!last) {
      stream.part(octets, rest, undefined)
      return
    }
    const kept = this.#buffer.subarray(0, this.#held)
    const packet = { octets: kept, length: this.#streamed, malformed: this.#malformed }
    this.#startAnew()
    stream.part(octets, rest, packet)
  }
}

function part(octets: Uint8Array, start: number, end: number): Uint8Array {
  // A third of the cost of subarray, and there is one for every packet.
  return start === 0 && end === octets.length ? octets : view(octets, start, end)
}
