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

/**
 * Splits a stream of octets into Control Packets by the fixed header alone, in whatever pieces it comes. Nothing is
 * changed, added or lost: what the sink hears, put together, is what was pushed. Where the stream cannot be framed,
 * everything from the start of that packet on is passed on as it comes, marked malformed; framing is never resumed,
 * because nobody can know where the next packet starts.
 */
export class Framer {
  readonly #sink: FramerSink
  /** The octets of a packet that is not whole yet: the first `#held` of this buffer. */
  #buffer = empty
  #held = 0
  /** Octets of the fixed header read so far, and the Remaining Length as far as it is known. */
  #headerLength = 0
  #remaining = 0
  /** Length of the whole packet; 0 while its fixed header is not complete. */
  #length = 0
  #malformed: Malformation | false = false

  constructor(sink: FramerSink) {
    this.#sink = sink
  }

  /** @param chunk must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    let start = 0
    let at = 0
    while (at < chunk.length && !this.#malformed) {
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
    else this.#hold(chunk, start)
  }

  /** The stream has ended. What there is of an unfinished packet goes on as `cut short`. */
  end(): void {
    if (this.#held === 0) return
    this.#malformed ||= 'cut short'
    this.#emit(empty, 0, 0)
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
    let octets = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end)
    if (this.#held > 0) {
      this.#hold(chunk, start, end)
      octets = this.#buffer.subarray(0, this.#held)
    }
    // Whoever hears of it may keep it, so the next packet gets a buffer of its own.
    this.#buffer = empty
    this.#held = this.#headerLength = this.#remaining = this.#length = 0
    this.#sink(octets, this.#malformed, chunk.length - end)
  }

  /**
   * Keeps octets for later. The buffer doubles, so that a packet that comes octet by octet is copied twice at most, and
   * follows what really came: a header that promises 256 MiB costs nothing.
   */
  #hold(chunk: Uint8Array, start: number, end = chunk.length): void {
    const needed = this.#held + end - start
    if (needed > this.#buffer.length) {
      const doubled = Math.max(64, 2 * this.#buffer.length, needed)
      const larger = new Uint8Array(this.#length === 0 ? doubled : Math.max(needed, Math.min(doubled, this.#length)))
      larger.set(this.#buffer.subarray(0, this.#held))
      this.#buffer = larger
    }
    this.#buffer.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.#held)
    this.#held = needed
  }
}
