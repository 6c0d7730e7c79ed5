import type { Socket } from 'node:net'
import type {
  CloseCause,
  NetworkConnection,
  NetworkConnectionHandler,
  Origin,
} from '../../app/mqtt/network-connection.ts'

/**
 * A TCP socket as a Network Connection. The socket must be fresh: paused, or not read from yet.
 *
 * What is written in one turn of the event loop leaves in one system call at its end: a call for every packet would be
 * most of the cost.
 *
 * @param carrier the TCP socket beneath a TLS socket: only that can be reset.
 */
export function socketConnection(socket: Socket, carrier = socket): NetworkConnection {
  return new SocketConnection(socket, carrier)
}

class SocketConnection implements NetworkConnection {
  readonly remote: string
  readonly #socket: Socket
  readonly #carrier: Socket
  #failure: NodeJS.ErrnoException | undefined
  #heardEnd = false
  #reset = false
  #corked = false

  constructor(socket: Socket, carrier: Socket) {
    this.#socket = socket
    this.#carrier = carrier
    // Asked now, because a socket that has closed does not know any more.
    this.remote = remoteOf(socket)
    socket.pause()
    socket.setNoDelay(true)
    // A FIN must not answer itself: the other end of the Link decides when this side ends.
    socket.allowHalfOpen = true
    socket.on('error', (error) => {
      this.#failure = error
    })
  }

  listen(handler: NetworkConnectionHandler): void {
    this.#socket.on('data', (octets) => {
      // Views of a plain array cost half of what views of a Buffer do, and there is one for every packet.
      handler.octets(new Uint8Array(octets.buffer, octets.byteOffset, octets.length), undefined)
    })
    this.#socket.on('drain', () => handler.drained())
    this.#socket.on('end', () => {
      this.#heardEnd = true
      handler.ended(undefined)
    })
    this.#socket.on('close', () => handler.closed(this.#cause(), this.#failureReason()))
  }

  write(octets: Uint8Array, _origin?: Origin): boolean {
    if (!this.#socket.writable || octets.length === 0) return true
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      setImmediate(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    return this.#socket.write(octets)
  }

  end(): void {
    this.#socket.end()
  }

  reset(): void {
    if (this.#socket.destroyed) return
    this.#reset = true
    // What was written in this turn was written before: it leaves, as far as the system takes it.
    if (this.#corked) this.#socket.uncork()
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

function remoteOf({ remoteAddress, remotePort, remoteFamily }: Socket): string {
  if (remoteAddress === undefined) return 'unknown'
  return remoteFamily === 'IPv6' ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
}

/** What the system says when the peer's RST was received; EPIPE is the same, noticed while writing. */
const resets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** What the system says when it has given up hope to reach the peer. */
const timeouts = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'])
