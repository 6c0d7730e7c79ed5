import net from 'node:net'
import { anyReasonName } from '../../../app/mqtt/decode-codes.ts'
import { Framer } from '../../../app/mqtt/framer.ts'
import { connectFailure, socketLoss } from '../guest/close-reasons.ts'
import type { Backlog } from './backlog.ts'

export interface LoadConnectionEvents {
  opened(): void
  /** A whole Control Packet; valid until this returns. */
  packet(octets: Uint8Array): void
  /** What was written before has left for the system. */
  drained(): void
  /** The connection, or the attempt at one, has ended. `reason` is what the socket knows of it. */
  closed(reason: string | undefined): void
}

/** All sockets of the process read into this: what is not whole yet is copied by the framer. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** One Network Connection of a load client, as lean as it can be: ten thousand of them live in one process. */
export class LoadConnection {
  readonly #socket: net.Socket
  readonly #framer: Framer
  #open = false
  #cause: string | undefined
  #outgoing: Buffer[] = []
  readonly #backlog: Backlog
  /** What of the backlog is this socket's. */
  #counted = 0

  constructor(
    address: { readonly host: string; readonly port: number },
    backlog: Backlog,
    events: LoadConnectionEvents,
  ) {
    this.#backlog = backlog
    this.#framer = new Framer((octets, malformed) => {
      if (malformed === false) events.packet(octets)
      else if (malformed !== 'cut short') this.fail(`connection lost: the broker sent what is not MQTT (${malformed})`)
    })
    this.#socket = net.connect({
      ...address,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#framer.push(readBuffer.subarray(0, length))
          this.flush()
          return true
        },
      },
    })
    this.#socket
      .on('connect', () => {
        this.#open = true
        events.opened()
        this.flush()
      })
      .on('drain', () => {
        this.#count(0)
        events.drained()
        this.flush()
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code ?? error.message
        this.#cause ??= this.#open ? socketLoss(code) : connectFailure(code, address)
      })
      .on('close', () => {
        this.#count(0)
        events.closed(this.#cause)
      })
  }

  /** TCP's handshake is done. */
  get isOpen(): boolean {
    return this.#open
  }

  /** More was written than the socket takes at once: `drained` will be called. */
  get full(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** What is sent now goes to the broker. */
  get isWritable(): boolean {
    return this.#open && this.#socket.writable
  }

  /** Sends with everything else of this visit, when `flush` is called. */
  send(packet: Buffer): void {
    this.#outgoing.push(packet)
  }

  /** One write for all packets of a visit. */
  flush(): void {
    const packets = this.#outgoing
    if (packets.length === 0) return
    this.#outgoing = []
    if (!this.#socket.writable) return
    this.#socket.write(packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets))
    // What a socket has room for is as good as gone: it would have to be asked again after each write.
    if (this.full) this.#count(this.#socket.writableLength)
  }

  #count(octets: number): void {
    this.#backlog.add(octets - this.#counted)
    this.#counted = octets
  }

  /** Somebody who knows more than the socket says why it will be closed. */
  explain(reason: string): void {
    this.#cause ??= reason
  }

  /** Ends the connection; `closed` says why. */
  fail(reason: string): void {
    this.#cause ??= reason
    // What was counted as published goes first.
    this.flush()
    this.#socket.destroy()
  }

  /** Ends the connection with nothing more to send. */
  abandon(): void {
    this.#outgoing = []
    this.#socket.destroy()
  }

  /** Sends what is left and closes [MQTT-3.14.4-1]. */
  end(): void {
    this.flush()
    if (!this.#open) {
      this.#socket.destroy()
      return
    }
    this.#socket.end()
    this.#socket.setTimeout(1000, () => this.#socket.destroy())
  }
}

/** A Reason Code of MQTT 5 in words. */
export function codeText(code: number): string {
  return anyReasonName(code)?.toLowerCase() ?? `reason code 0x${code.toString(16)}`
}
