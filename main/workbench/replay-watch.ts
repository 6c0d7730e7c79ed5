import { Emitter } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { TapListener } from '../../app/capture/tap.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'

/** What a Link has told of one connection. */
interface Seen {
  /** Octets of whole packets of its client. */
  octets: number
  /** The target has taken it. */
  isReached: boolean
  /** The target has not. */
  failure: string | undefined
  /** A fault has ended it, for this reason. */
  cut: { readonly reason: string | undefined } | undefined
}

/** Knows, from the tap, how far what a replay sends has come. Connections are known by the address of their client. */
export class ReplayWatch implements TapListener {
  readonly #changed = new Emitter<void>()
  readonly onChanged = this.#changed.event
  readonly #addresses = new Map<number, string>()
  readonly #seen = new Map<string, Seen>()

  /** @param remote such as `127.0.0.1:40001`; undefined where no Link has it yet */
  get(remote: string): Readonly<Seen> | undefined {
    return this.#seen.get(remote)
  }

  packet(
    connection: number,
    direction: Direction,
    _octets: Uint8Array,
    malformed: Malformation | false,
    _origin: Origin | undefined,
    length: number,
  ): void {
    const seen = this.#of(connection)
    if (seen === undefined || direction !== 'to broker' || malformed !== false) return
    seen.octets += length
    this.#changed.fire()
  }

  event(connection: number, event: ConnectionEvent): void {
    if (event.type === 'opened') {
      this.#addresses.set(connection, event.remote)
      this.#seen.set(event.remote, { octets: 0, isReached: false, failure: undefined, cut: undefined })
    }
    const seen = this.#of(connection)
    if (seen === undefined) return
    if (event.type === 'target reached') seen.isReached = true
    if (event.type === 'target failed') seen.failure = event.reason
    if (event.type === 'closed' && event.by === 'link') seen.cut = { reason: event.reason }
    this.#changed.fire()
  }

  #of(connection: number): Seen | undefined {
    return this.#seen.get(this.#addresses.get(connection) ?? '')
  }
}
