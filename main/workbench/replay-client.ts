import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Framer, type Malformation } from '../../app/mqtt/framer.ts'
import type { ObservedEnd } from '../../app/scenario/replay-observation.ts'
import { type Inbound, ReplayObserver } from '../../app/scenario/replay-observer.ts'
import type { ReplayedConnection } from '../../app/scenario/replay-plan.ts'

export interface ReplayClientEvents {
  /** Something has come; valid for ever. */
  packet(client: ReplayClient, octets: Uint8Array, malformed: Malformation | false): void
  changed(): void
}

/** A client of a recording, once more: a socket that sends what it is told. */
export class ReplayClient {
  readonly connection: ReplayedConnection
  readonly observer: ReplayObserver
  readonly #socket: Socket
  readonly #framer: Framer
  /** Who waits for room. */
  readonly #waiting: (() => void)[] = []
  /** Of whole packets. */
  #octets = 0
  #sent = 0
  #unsent = 0
  #received = 0
  #remote = ''
  #closed = false
  /** Nothing more comes. */
  #over = false
  #endedHere = false

  /** Opens a connection; `ready` tells when it is there. */
  constructor(
    connection: ReplayedConnection,
    address: { readonly host: string; readonly port: number },
    inbound: Inbound,
    events: ReplayClientEvents,
  ) {
    this.connection = connection
    this.observer = new ReplayObserver(connection.version, inbound)
    this.#framer = new Framer((octets, malformed) => {
      this.#received += 1
      events.packet(this, octets, malformed)
    })
    this.#socket = connect({ ...address, noDelay: true, allowHalfOpen: true })
    this.#socket.on('data', (octets) => this.#framer.push(Uint8Array.from(octets)))
    this.#socket.on('end', () => {
      this.#over = true
      this.#framer.end()
      events.changed()
    })
    this.#socket.on('drain', () => this.#goOn())
    // What it was is told by the Link.
    this.#socket.on('error', () => events.changed())
    this.#socket.on('close', () => {
      this.#over = this.#closed = true
      this.#goOn()
      events.changed()
    })
  }

  /** Settles when it is connected, or cannot be. */
  async ready(): Promise<void> {
    // A failure is told by `isOver`.
    await once(this.#socket, 'connect').catch(() => undefined)
    this.#remote = `${this.#socket.localAddress}:${this.#socket.localPort}`
  }

  /** Its own address, as the Link knows it. */
  get remote(): string {
    return this.#remote
  }

  /** Nothing can be sent, or will come. */
  get isOver(): boolean {
    return this.#over
  }

  /** Octets of whole packets that it has sent. */
  get octets(): number {
    return this.#octets
  }

  get counts(): { readonly sent: number; readonly unsent: number; readonly received: number } {
    return { sent: this.#sent, unsent: this.#unsent, received: this.#received }
  }

  /** Sends octets, in order. Settles when there is room for more. */
  async send(octets: Uint8Array, wellFormed: boolean): Promise<void> {
    if (this.#over || this.#endedHere || !this.#socket.writable) {
      this.#unsent += 1
      return
    }
    this.#sent += 1
    if (wellFormed) {
      this.#octets += octets.length
      this.observer.sent(octets)
    }
    if (!this.#socket.write(octets)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** What it was to send cannot be sent: what it answers did not come. */
  leaveOut(): void {
    this.#unsent += 1
  }

  /** Ends the connection, where it has not ended yet. */
  end(how: 'fin' | 'rst'): void {
    if (!this.#over) this.#endedHere = true
    if (how === 'fin') this.#socket.end()
    else this.#socket.resetAndDestroy()
  }

  /** @param cut that a fault has ended it */
  observedEnd(cut: { readonly reason: string | undefined } | undefined): ObservedEnd {
    if (cut !== undefined) return { by: 'link', reason: cut.reason }
    if (this.#endedHere || (this.#over && this.observer.left)) return { by: 'client' }
    return this.#over ? { by: 'broker', code: this.observer.farewell } : { by: 'nobody' }
  }

  #goOn(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Lets go of the socket. */
  async close(): Promise<void> {
    if (this.#closed) return
    const closed = once(this.#socket, 'close')
    this.#socket.resetAndDestroy()
    await closed.catch(() => undefined)
  }
}
