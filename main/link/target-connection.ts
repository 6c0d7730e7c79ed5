import type { Clock } from '../../app/base/clock.ts'
import type { TargetAddress } from '../../app/device/target-address.ts'
import type {
  CloseCause,
  NetworkConnection,
  NetworkConnectionHandler,
  Origin,
} from '../../app/mqtt/network-connection.ts'
import { Dial, type Dialed, type TlsSettings } from './target-dial.ts'
import { describeFailure, isReset, unaccepted } from './target-words.ts'

/** So much may wait for the target before the client is asked to wait, in octets. */
const highWaterMark = 64 * 1024

export interface TargetConnectionOptions {
  readonly target: TargetAddress
  readonly tls: TlsSettings
  readonly clock: Clock
  /** The target has taken the connection, with TLS as described. */
  readonly reached: (security: string | undefined) => void
  /**
   * The target could not be reached, or one side did not trust the other. The connection is closed when the promise
   * settles; it must not be rejected.
   */
  readonly failed: (reason: string) => Promise<void>
}

/**
 * A Network Connection to a broker that is not ours. The target is called with the first octets that are written, so that
 * one who is refused or held before is not heard of there, and octets wait until it has answered.
 */
export function targetConnection(options: TargetConnectionOptions): NetworkConnection {
  return new TargetConnection(options)
}

class TargetConnection implements NetworkConnection {
  readonly remote: string
  readonly #options: TargetConnectionOptions
  #handler: NetworkConnectionHandler | undefined
  #dial: Dial | undefined
  #open: Dialed | undefined
  #waiting: Uint8Array[] = []
  #waitingOctets = 0
  #paused = true
  /** The writer was asked to wait. */
  #full = false
  #ended = false
  /** It was told that the target has taken the connection. */
  #reached = false
  /** It has failed, and waits to be closed. */
  #failing = false
  #closed = false

  constructor(options: TargetConnectionOptions) {
    this.#options = options
    this.remote = options.target.url
  }

  listen(handler: NetworkConnectionHandler): void {
    this.#handler = handler
  }

  write(octets: Uint8Array, origin?: Origin): boolean {
    if (this.#closed || this.#failing || this.#ended || octets.length === 0) return true
    if (this.#open) return this.#open.connection.write(octets, origin)
    this.#waiting.push(octets)
    this.#waitingOctets += octets.length
    this.#call()
    this.#full ||= this.#waitingOctets > highWaterMark
    return !this.#full
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#open) this.#open.connection.end()
    // Nobody was called, and nobody will be.
    else if (this.#dial === undefined) queueMicrotask(() => this.#endUncalled())
  }

  reset(): void {
    if (this.#open && !this.#failing) {
      this.#open.connection.reset()
      return
    }
    this.#dial?.abort()
    this.#close('local', undefined)
  }

  pause(): void {
    this.#paused = true
    this.#open?.connection.pause()
  }

  resume(): void {
    this.#paused = false
    this.#open?.connection.resume()
  }

  #call(): void {
    if (this.#dial !== undefined) return
    const { target, tls, clock } = this.#options
    this.#dial = new Dial({
      target,
      tls,
      clock,
      done: (dialed) => this.#opened(dialed),
      failed: (reason) => this.#fail(reason),
    })
  }

  #opened(dialed: Dialed): void {
    const { connection, answered } = dialed
    this.#open = dialed
    connection.listen({
      octets: (octets, origin) => {
        this.#tellReached()
        this.#handler?.octets(octets, origin)
      },
      drained: () => this.#handler?.drained(),
      ended: (reason) => this.#endedBy(connection, reason),
      closed: (cause, reason) => this.#lost(cause, reason),
    })
    if (answered) this.#tellReached()
    const waiting = this.#waiting
    this.#waiting = []
    let room = true
    for (const octets of waiting) room = connection.write(octets)
    if (this.#ended) connection.end()
    if (!this.#paused) connection.resume()
    if (this.#full && room) this.#handler?.drained()
    this.#full = false
  }

  #tellReached(): void {
    if (this.#reached) return
    this.#reached = true
    this.#options.reached(this.#open?.security)
  }

  #endedBy(connection: NetworkConnection, reason: string | undefined): void {
    if (this.#reached) {
      this.#handler?.ended(reason)
      return
    }
    this.#fail(unaccepted)
    connection.reset()
  }

  /** The connection that was open is gone. */
  #lost(cause: CloseCause, reason: string | undefined): void {
    // Why is known already, and is being told.
    if (this.#failing) return
    const error = this.#open?.failure()
    if (cause === 'local' || cause === 'fin' || error === undefined) this.#close(cause, reason)
    else if (this.#reached) this.#close(cause, isReset(error) ? undefined : describeFailure(error, this.remote))
    // With TLS 1.3 the target judges our certificate when we think that all is well [RFC 8446 §4.4.2.4].
    else this.#fail(isReset(error) ? this.#unexplained() : describeFailure(error, this.remote))
  }

  /** The alert that explains a reset may be lost with it. */
  #unexplained(): string {
    return 'the target reset the connection after the TLS handshake: it may not accept the client certificate'
  }

  /** There never was a connection with the target: it is this side that closes the client's. */
  #fail(reason: string): void {
    if (this.#closed || this.#failing) return
    this.#failing = true
    this.#waiting = []
    void this.#options.failed(reason).then(() => this.#close('local', reason))
  }

  #endUncalled(): void {
    if (this.#closed) return
    this.#handler?.ended(undefined)
    this.#close('fin', undefined)
  }

  #close(cause: CloseCause, reason: string | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting = []
    this.#handler?.closed(cause, reason)
  }
}
