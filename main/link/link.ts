import { Emitter, type Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { CloseCause, NetworkConnection, NetworkConnectionHandler } from '../../app/mqtt/network-connection.ts'
import { LinkDirection } from './link-direction.ts'

export interface LinkOptions {
  /** The number of the Network Connection, from 1. */
  readonly connection: number
  /** The end that leads to the client, and the one that leads to the broker. */
  readonly client: NetworkConnection
  readonly broker: NetworkConnection
  /** Hears of every packet before it goes on. */
  readonly tap: Tap
}

/** What stands between a client and the broker, for as long as their Network Connection lives. */
export interface Link {
  readonly connection: number
  /** False once both ends are gone. */
  readonly open: boolean
  /** Fires once, after the capture was told. */
  readonly onClosed: Event<void>
  /** Resets both ends at once; the capture shows `reason`. */
  reset(reason: string): void
}

/**
 * Joins a client and the broker. Octets pass unchanged, in order and in the same tick; so do FIN, RST and back-pressure.
 * The Link itself never repairs, ends or holds anything.
 */
export function openLink(options: LinkOptions): Link {
  return new TappedLink(options)
}

type End = 'client' | 'broker'
type Closing = Omit<Extract<ConnectionEvent, { type: 'closed' }>, 'type'>

/** Something in this process destroyed an end without a word. */
const torn: Closing = { by: 'link', cause: 'rst' }

class TappedLink implements Link {
  readonly connection: number
  readonly #client: NetworkConnection
  readonly #broker: NetworkConnection
  readonly #tap: Tap
  readonly #toBroker: LinkDirection
  readonly #toClient: LinkDirection
  readonly #closed = new Emitter<void>()
  readonly onClosed: Event<void> = this.#closed.event
  /** Who closed first, and how. */
  #closing: Closing | undefined
  #openEnds = 2

  constructor({ connection, client, broker, tap }: LinkOptions) {
    this.connection = connection
    this.#client = client
    this.#broker = broker
    this.#tap = tap
    this.#toBroker = new LinkDirection({ connection, direction: 'to broker', from: client, to: broker, tap })
    this.#toClient = new LinkDirection({ connection, direction: 'to client', from: broker, to: client, tap })
    tap.event(connection, { type: 'opened', transport: 'tcp', remote: client.remote })
    client.listen(this.#handler('client', this.#toBroker, this.#toClient, broker))
    broker.listen(this.#handler('broker', this.#toClient, this.#toBroker, client))
    client.resume()
    broker.resume()
  }

  get open(): boolean {
    return this.#openEnds > 0
  }

  reset(reason: string): void {
    this.#closing ??= { by: 'link', cause: 'rst', reason }
    this.#client.reset(reason)
    this.#broker.reset(reason)
  }

  /** @param incoming what this end sends, @param outgoing what it receives, @param other the end across. */
  #handler(
    end: End,
    incoming: LinkDirection,
    outgoing: LinkDirection,
    other: NetworkConnection,
  ): NetworkConnectionHandler {
    return {
      octets: (octets, origin) => incoming.octets(octets, origin),
      drained: () => outgoing.drained(),
      ended: (reason) => {
        this.#closing ??= { by: end, cause: 'fin', reason }
        incoming.finish()
        other.end(reason)
      },
      closed: (cause, reason) => this.#endClosed(end, cause, reason, incoming, other),
    }
  }

  #endClosed(
    end: End,
    cause: CloseCause,
    reason: string | undefined,
    incoming: LinkDirection,
    other: NetworkConnection,
  ): void {
    if (cause === 'rst' || cause === 'timeout') {
      this.#closing ??= { by: end, cause, reason }
      incoming.finish()
    }
    if (cause !== 'fin') other.reset(reason)
    this.#openEnds -= 1
    if (this.#openEnds > 0) return
    this.#tap.event(this.connection, { type: 'closed', ...(this.#closing ?? torn) })
    this.#closed.fire()
  }
}
