import type { Socket } from 'node:net'
import type {
  CloseCause,
  NetworkConnection,
  NetworkConnectionHandler,
  Origin,
} from '../../app/mqtt/network-connection.ts'
import { remoteOf } from '../../app/mqtt/remote-of.ts'

/**
 * A TCP socket as a Network Connection. The socket must be fresh: paused, or not read from yet.
 *
 * What is written in one turn of the event loop leaves at its end, in one piece: a call for every packet, of the system or
 * of the socket, would be most of the cost. Where very many connections are written to, some leave in one of the next
 * turns, in the order in which they were written to.
 *
 * @param carrier the TCP socket beneath a TLS socket: only that can be reset.
 */
export function socketConnection(socket: Socket, carrier = socket): NetworkConnection {
  return new SocketConnection(socket, carrier)
}

/** Octets that may wait for the peer before the writer is asked to. */
const highWaterMark = 64 * 1024

/** More than this is not put together: to copy it would cost more than it saves. */
const mostTogether = 1024 * 1024

/**
 * So many connections are written to in one turn of the event loop, some milliseconds' worth: a message for thousands
 * must not keep all others waiting until it was written to each. Those that are later have more to send by then, and a
 * call is what costs: to a thousand clients three messages that come together leave in one piece each, not in three.
 */
const mostAtOnce = 96

/** Those that have something to send at the end of this turn or a later one, in the order in which they were written to. */
const waiting: SocketConnection[] = []
let isDue = false

function flushLater(connection: SocketConnection): void {
  waiting.push(connection)
  if (isDue) return
  isDue = true
  setImmediate(flushSome)
}

function flushSome(): void {
  for (const connection of waiting.splice(0, mostAtOnce)) connection.flush()
  isDue = waiting.length > 0
  if (isDue) setImmediate(flushSome)
}

class SocketConnection implements NetworkConnection {
  readonly remote: string
  readonly #socket: Socket
  readonly #carrier: Socket
  #failure: NodeJS.ErrnoException | undefined
  #heardEnd = false
  #reset = false
  #handler: NetworkConnectionHandler | undefined
  /** What was written in this turn, and how many octets it is. */
  #written: Uint8Array[] = []
  #writtenOctets = 0
  /** Octets that waited for the peer before. */
  #ahead = 0
  /** The writer was asked to wait. */
  #full = false

  constructor(socket: Socket, carrier: Socket) {
    this.#socket = socket
    this.#carrier = carrier
    // Asked now, because a socket that has closed does not know any more.
    this.remote = remoteOf(socket) ?? 'unknown'
    socket.pause()
    socket.setNoDelay(true)
    // A FIN must not answer itself: the other end of the Link decides when this side ends.
    socket.allowHalfOpen = true
    socket.on('error', (error) => {
      this.#failure = error
    })
  }

  listen(handler: NetworkConnectionHandler): void {
    this.#handler = handler
    this.#socket.on('data', (octets) => {
      // Views of a plain array cost half of what views of a Buffer do, and there is one for every packet.
      handler.octets(new Uint8Array(octets.buffer, octets.byteOffset, octets.length), undefined)
    })
    this.#socket.on('drain', () => this.#drained())
    this.#socket.on('end', () => {
      this.#heardEnd = true
      handler.ended(undefined)
    })
    this.#socket.on('close', () => handler.closed(this.#cause(), this.#failureReason()))
  }

  write(octets: Uint8Array, _origin?: Origin): boolean {
    if (octets.length === 0) return true
    if (this.#written.length === 0) {
      // Asked once for all that leaves together: to ask a socket costs more than to keep a packet.
      if (!this.#socket.writable) return true
      this.#ahead = this.#socket.writableLength
      flushLater(this)
    }
    this.#written.push(octets)
    this.#writtenOctets += octets.length
    if (this.#writtenOctets + this.#ahead <= highWaterMark) return true
    this.#full = true
    return false
  }

  /** The turn is over. */
  flush(): void {
    this.#send()
    if (!this.#socket.writableNeedDrain) this.#drained()
  }

  /** Hands over to the socket what was written. */
  #send(): void {
    const written = this.#written
    if (written.length === 0) return
    const octets = this.#writtenOctets
    this.#written = []
    this.#writtenOctets = 0
    const socket = this.#socket
    if (!socket.writable) return
    if (written.length === 1) socket.write(written[0] as Uint8Array)
    else if (octets <= mostTogether) socket.write(together(written, octets))
    else {
      socket.cork()
      for (const piece of written) socket.write(piece)
      socket.uncork()
    }
  }

  #drained(): void {
    if (!this.#full) return
    this.#full = false
    this.#handler?.drained()
  }

  end(): void {
    this.#send()
    this.#socket.end()
  }

  reset(): void {
    if (this.#socket.destroyed) return
    this.#reset = true
    // What was written in this turn was written before: it leaves, as far as the system takes it.
    this.#send()
    this.#carrier.resetAndDestroy()
    this.#socket.destroy()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  #cause(): CloseCause {
    if (this.#reset) return 'local'
    if (this.#failure) return timeouts.has(this.#failure.code ?? '') ? 'timeout' : 'rst'
    return this.#heardEnd ? 'fin' : 'local'
  }

  /** RST says it all; other failures have a name worth showing. */
  #failureReason(): string | undefined {
    if (this.#reset || !this.#failure || resets.has(this.#failure.code ?? '')) return undefined
    return this.#failure.message
  }
}

function together(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = Buffer.allocUnsafe(length)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** What the system says when the peer's RST was received; EPIPE is the same, noticed while writing. */
const resets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** What the system says when it has given up hope to reach the peer. */
const timeouts = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'])
