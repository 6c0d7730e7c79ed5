import type { Tap } from '../../app/capture/tap.ts'
import { Framer, type Malformation } from '../../app/mqtt/framer.ts'
import type { Direction, NetworkConnection, Origin } from '../../app/mqtt/network-connection.ts'

/** One direction of a Link. What it does with a packet is a road of stages: tap, then forward. */
export class LinkDirection {
  readonly #connection: number
  readonly #direction: Direction
  readonly #from: NetworkConnection
  readonly #to: NetworkConnection
  readonly #tap: Tap
  readonly #framer = new Framer((octets, malformed, rest) => this.#framed(octets, malformed, rest))
  /** What is being framed, and the origin of the packet that ends where it ends. */
  #chunk: Uint8Array = none
  #origin: Origin | undefined
  /** The part of the chunk that is ready to go on, and the origin of its last packet. */
  #runStart = 0
  #runEnd = 0
  #runOrigin: Origin | undefined

  constructor(options: {
    readonly connection: number
    readonly direction: Direction
    readonly from: NetworkConnection
    readonly to: NetworkConnection
    readonly tap: Tap
  }) {
    this.#connection = options.connection
    this.#direction = options.direction
    this.#from = options.from
    this.#to = options.to
    this.#tap = options.tap
  }

  /** Takes in what has arrived. */
  octets(octets: Uint8Array, origin: Origin | undefined): void {
    this.#chunk = octets
    this.#origin = origin
    this.#runStart = this.#runEnd = 0
    this.#framer.push(octets)
    this.#sendRun()
  }

  /** Nothing more will arrive: an unfinished packet goes on as it is. */
  finish(): void {
    this.#chunk = none
    this.#origin = undefined
    this.#framer.end()
  }

  /** The receiving side has room again. */
  drained(): void {
    this.#from.resume()
  }

  #framed(octets: Uint8Array, malformed: Malformation | false, rest: number): void {
    const origin = rest === 0 && !malformed ? this.#origin : undefined
    this.#tap.packet(this.#connection, this.#direction, octets, malformed, origin, octets.length)
    this.#forward(octets, rest, origin)
  }

  /** Packets that lie side by side in one chunk go on together: a write for each would be most of the cost. */
  #forward(octets: Uint8Array, rest: number, origin: Origin | undefined): void {
    this.#runEnd = this.#chunk.length - rest
    this.#runOrigin = origin
    if (octets.buffer === this.#chunk.buffer) return
    // It began in an earlier chunk, so it lies elsewhere and is the first.
    this.#runStart = this.#runEnd
    this.#send(octets, origin)
  }

  #sendRun(): void {
    const { length } = this.#chunk
    const [start, end] = [this.#runStart, this.#runEnd]
    if (start === end) return
    this.#send(end - start === length ? this.#chunk : this.#chunk.subarray(start, end), this.#runOrigin)
  }

  #send(octets: Uint8Array, origin: Origin | undefined): void {
    if (!this.#to.write(octets, origin)) this.#from.pause()
  }
}

const none = new Uint8Array(0)
