import type { Socket } from 'node:net'
import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import type { TransportName } from '../../../app/mqtt/network-connection.ts'
import { remoteOf } from '../../../app/mqtt/remote-of.ts'
import type { Arrival, Refusal } from './listener.ts'

interface Waiting {
  readonly carrier: Socket
  readonly remote: string
  readonly deadline: Disposable
}

/** Time for the handshakes of TLS and WebSocket together, in milliseconds. */
export const handshakeTimeout = 10_000

/** Time that somebody who was refused has to take it in, in milliseconds. */
const softlyFor = 1000

/** Those who have connected and are not through to MQTT: each gets through, or is refused once, with one reason. */
export class Gate {
  readonly #transport: TransportName
  readonly #clock: Clock
  readonly #timeout: number
  readonly #arrivals = new Emitter<Arrival>()
  readonly #refusals = new Emitter<Refusal>()
  /** By the address of the other side: nothing else is common to a socket and the TLS socket above it. */
  readonly #waiting = new Map<string, Waiting>()

  /** @param options.timeout in milliseconds */
  constructor(options: { transport: TransportName; clock: Clock; timeout: number }) {
    this.#transport = options.transport
    this.#clock = options.clock
    this.#timeout = options.timeout
  }

  readonly onArrival = this.#arrivals.event
  readonly onRefused = this.#refusals.event

  /** Begins to wait. @returns its name here; undefined where the client has gone already */
  enter(carrier: Socket): string | undefined {
    const remote = remoteOf(carrier)
    if (remote === undefined) {
      carrier.destroy()
      return undefined
    }
    const words = `the ${this.#handshake} was not complete after ${this.#timeout / 1000} s`
    const deadline = this.#clock.after(this.#timeout, () => this.refuse(remote, words))
    this.#waiting.set(remote, { carrier, remote, deadline })
    carrier.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone(remote, carrier, error.code === 'ECONNRESET' ? 'reset' : `lost (${error.message})`)
    })
    carrier.on('close', () => this.#gone(remote, carrier, 'closed'))
    return remote
  }

  /** The TCP socket of one who waits; undefined where it does no more. */
  carrierOf(remote: string): Socket | undefined {
    return this.#waiting.get(remote)?.carrier
  }

  admit(arrival: Arrival): void {
    this.#leave(arrival.info.remote)
    if (this.#arrivals.hasListeners) this.#arrivals.fire(arrival)
    else arrival.carrier.destroy()
  }

  /** @param softly what is being written to it goes out first, and the client may close by itself */
  refuse(remote: string, reason: string, softly = false): void {
    const waiting = this.#leave(remote)
    if (waiting === undefined) return
    const { carrier } = waiting
    if (softly) {
      const late = this.#clock.after(softlyFor, () => carrier.destroy())
      carrier.once('close', () => late.dispose())
    } else carrier.destroy()
    this.#refusals.fire({ transport: this.#transport, remote, reason })
  }

  /** Closes all who wait. */
  close(): void {
    for (const [remote, { carrier }] of [...this.#waiting]) {
      this.#leave(remote)
      carrier.destroy()
    }
  }

  get #handshake(): string {
    return {
      tcp: 'connection',
      tls: 'TLS handshake',
      ws: 'WebSocket handshake',
      wss: 'handshake of TLS and WebSocket',
    }[this.#transport]
  }

  #gone(remote: string, carrier: Socket, how: string): void {
    if (this.carrierOf(remote) === carrier) {
      this.refuse(remote, `the client's connection was ${how} before the ${this.#handshake} was complete`)
    }
  }

  #leave(remote: string): Waiting | undefined {
    const waiting = this.#waiting.get(remote)
    waiting?.deadline.dispose()
    this.#waiting.delete(remote)
    return waiting
  }
}
