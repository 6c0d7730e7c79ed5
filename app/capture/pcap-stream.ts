/** So much may wait for a segment that is missing; then it is taken for lost. */
const mostWaiting = 1024 * 1024

interface Waiting {
  readonly seq: number
  readonly octets: Uint8Array
  /** More than `octets.length` where the capture cut the frame. */
  readonly length: number
}

export interface StreamSink {
  octets(octets: Uint8Array): void
  /** So many octets are missing from the capture, at this place. */
  gap(octets: number): void
}

/**
 * One direction of a TCP connection, put together again from segments as they were captured: out of order, repeated,
 * overlapping. What came first counts.
 */
export class PcapStream {
  readonly #sink: StreamSink
  /** The sequence number of the next octet; undefined before the first segment. */
  #next: number | undefined
  /** In the order of their sequence numbers. */
  #waiting: Waiting[] = []
  #waitingOctets = 0
  /** Where the stream ends, once its FIN was seen. */
  #end: number | undefined

  constructor(sink: StreamSink) {
    this.#sink = sink
  }

  /** Something of it has come. */
  get begun(): boolean {
    return this.#next !== undefined
  }

  /** Everything up to its FIN has come. */
  get ended(): boolean {
    return this.#end !== undefined && this.#next === this.#end
  }

  /** The sequence number of the SYN. */
  start(seq: number): void {
    this.#next ??= (seq + 1) >>> 0
  }

  /** @param length octets that the segment had on the wire. */
  push(seq: number, octets: Uint8Array, length: number, fin: boolean): void {
    this.#next ??= seq
    if (fin) this.#end ??= (seq + length) >>> 0
    if (length > 0) this.#insert({ seq, octets, length })
    this.#deliver()
    while (this.#waitingOctets > mostWaiting) this.#skip()
  }

  /** Nothing more will come: what waits is handed over, with its gaps. */
  finish(): void {
    while (this.#waiting.length > 0) this.#skip()
    const missing = this.#end === undefined ? 0 : distance(this.#next as number, this.#end)
    if (missing > 0) this.#missing(missing)
  }

  #insert(segment: Waiting): void {
    // Nearly always it is the last one.
    let at = this.#waiting.length
    while (at > 0 && distance((this.#waiting[at - 1] as Waiting).seq, segment.seq) < 0) at -= 1
    this.#waiting.splice(at, 0, segment)
    this.#waitingOctets += costOf(segment)
  }

  /** Hands over everything that follows what was handed over. */
  #deliver(): void {
    while (this.#waiting.length > 0) {
      const { seq, octets, length } = this.#waiting[0] as Waiting
      const old = distance(seq, this.#next as number)
      if (old < 0) return
      this.#waitingOctets -= costOf(this.#waiting.shift() as Waiting)
      if (old >= length) continue
      const fresh = octets.subarray(old)
      if (fresh.length > 0) this.#sink.octets(fresh)
      this.#next = ((this.#next as number) + fresh.length) >>> 0
      const cut = length - Math.max(old, octets.length)
      if (cut > 0) this.#missing(cut)
    }
  }

  #missing(octets: number): void {
    this.#sink.gap(octets)
    this.#next = ((this.#next as number) + octets) >>> 0
  }

  /** Gives up on what is missing before the first segment that waits. */
  #skip(): void {
    const first = this.#waiting[0] as Waiting
    const missing = -distance(first.seq, this.#next as number)
    if (missing > 0) this.#missing(missing)
    this.#deliver()
  }
}

/** A segment of which nothing was captured takes memory as well. */
function costOf({ octets }: Waiting): number {
  return octets.length + 64
}

/** How far `to` is behind `from` (positive) or before it, where sequence numbers wrap around. */
function distance(from: number, to: number): number {
  return (to - from) | 0
}
