import { Duplex } from 'node:stream'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { NetworkConnection, Origin } from '../../app/mqtt/network-connection.ts'

/** How long a client may take to answer our FIN with its own before the connection is reset. */
const graceMs = 500

const highWaterMark = 64 * 1024

type WriteCallback = (error?: Error | null) => void

/**
 * A Network Connection as the stream that aedes reads and writes.
 *
 * aedes writes a packet in pieces and corks the stream meanwhile; each packet that carries a message leaves in one write
 * with its Origin. Destroying the stream is closing a socket: FIN, then RST for a client that does not answer.
 */
export class ConnectionStream extends Duplex {
  readonly #connection: NetworkConnection
  readonly #clock: Clock
  readonly #originOf: (payload: Uint8Array) => Origin | undefined
  readonly #explain: () => () => string | undefined
  #lost = false
  #gone = false
  #afterDrain: WriteCallback | undefined
  #grace: Disposable | undefined

  constructor(options: {
    readonly connection: NetworkConnection
    readonly clock: Clock
    /** The Origin of the message whose payload this very buffer is. */
    readonly originOf: (payload: Uint8Array) => Origin | undefined
    /** Asked when the stream is destroyed; its answer says why, once aedes has had its say. */
    readonly explain: () => () => string | undefined
    /** The Network Connection is gone, both ways. */
    readonly onGone: () => void
  }) {
    super({ readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark })
    this.#connection = options.connection
    this.#clock = options.clock
    this.#originOf = options.originOf
    this.#explain = options.explain
    this.#connection.listen({
      octets: (octets) => this.#arrived(octets),
      ended: () => this.#heardEnd(),
      drained: () => this.#drained(),
      closed: () => {
        this.#heardClose()
        options.onGone()
      },
    })
  }

  /** The client has gone: it sent FIN or RST, or the transport gave up. */
  get lost(): boolean {
    return this.#lost
  }

  override _read(): void {
    this.#connection.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteCallback): void {
    this.#send([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: WriteCallback): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: WriteCallback): void {
    this.#connection.end()
    done()
  }

  override _destroy(error: Error | null, done: WriteCallback): void {
    const why = this.#explain()
    // aedes says why only after it has destroyed the stream, but in the same breath.
    queueMicrotask(() => this.#hangUp(why()))
    done(error)
  }

  #arrived(octets: Uint8Array): void {
    if (this.destroyed || this.readableEnded) return
    const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    if (!this.push(buffer)) this.#connection.pause()
  }

  #heardEnd(): void {
    this.#lost = true
    if (!this.destroyed) this.push(null)
  }

  #drained(): void {
    const done = this.#afterDrain
    this.#afterDrain = undefined
    done?.()
  }

  /** aedes may still read what arrived before the end, but not for ever. */
  #heardClose(): void {
    this.#gone = true
    this.#grace?.dispose()
    this.#grace = undefined
    if (this.destroyed) return
    if (!this.#lost) this.#heardEnd()
    this.#grace = this.#clock.after(graceMs, () => this.destroy())
    this.#drained()
  }

  #hangUp(reason: string | undefined): void {
    this.#grace?.dispose()
    if (this.#gone) return
    this.#connection.resume()
    this.#connection.end(reason)
    // Ending may have been the last thing that was missing.
    if (!this.#gone) this.#grace = this.#clock.after(graceMs, () => this.#connection.reset(reason))
  }

  /**
   * Joins the pieces of packets. A piece that is a known payload ends its PUBLISH, and so the write; packets that carry
   * no message go along with the next one that does.
   */
  #send(pieces: readonly Buffer[], done: WriteCallback): void {
    const octets = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    let room = true
    let start = 0
    let end = 0
    for (const piece of pieces) {
      end += piece.length
      const origin = this.#originOf(piece)
      if (origin === undefined) continue
      room = this.#connection.write(octets.subarray(start, end), origin) && room
      start = end
    }
    if (start < end) room = this.#connection.write(octets.subarray(start, end), undefined) && room
    if (room || this.#gone) done()
    else this.#afterDrain = done
  }
}
