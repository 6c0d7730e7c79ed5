import { createRandom, type Random } from '../../app/base/random.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import type { Identity } from './identity.ts'

/** Of so many clients that are gone it is remembered how far their randomness has come: as many as a load fleet has. */
const mostGone = 100_000

/** What one client draws from, each way. */
interface ClientStreams {
  /** Undefined of a connection whose client has no Client Identifier, or none yet. */
  readonly clientId: string | undefined
  readonly randoms: { [direction in Direction]?: Random }
  /** Its open Network Connections that have drawn from it. */
  links: number
}

/**
 * The randomness of one rule: a stream for each client, each way, so that what others do does not change what is decided
 * for it. A client goes on in its streams for as long as it is connected, and when it comes back. Of the clients that are
 * gone at a time the last 100,000 to go are remembered; one that went before them, and comes back, begins its streams anew,
 * from their first numbers. What has no Client Identifier has streams for its Network Connection alone.
 */
export class Streams {
  readonly #seed: readonly (string | number)[]
  readonly #mostGone: number
  /** By Network Connection, of those that are open. */
  readonly #open = new Map<number, ClientStreams>()
  /** By Client Identifier, also of those that are gone. */
  readonly #clients = new Map<string, ClientStreams>()
  /** Client Identifiers of those that are gone, in the order in which they went. */
  readonly #gone = new Set<string>()

  constructor(seed: readonly (string | number)[], most = mostGone) {
    this.#seed = seed
    this.#mostGone = most
  }

  of(identity: Identity, direction: Direction): Random {
    const clientId = identity.clientId() || undefined
    let streams = this.#open.get(identity.connection)
    if (streams === undefined || streams.clientId !== clientId) streams = this.#join(identity.connection, clientId)
    const known = streams.randoms[direction]
    if (known !== undefined) return known
    const client = clientId === undefined ? `connection ${identity.connection}` : `client ${clientId}`
    const random = createRandom(...this.#seed, client, direction)
    streams.randoms[direction] = random
    return random
  }

  /** The Network Connection is gone. */
  leave(connection: number): void {
    const streams = this.#open.get(connection)
    if (streams === undefined) return
    this.#open.delete(connection)
    streams.links -= 1
    if (streams.links > 0 || streams.clientId === undefined) return
    this.#gone.add(streams.clientId)
    const [first] = this.#gone
    if (this.#gone.size <= this.#mostGone || first === undefined) return
    this.#gone.delete(first)
    this.#clients.delete(first)
  }

  #join(connection: number, clientId: string | undefined): ClientStreams {
    this.leave(connection)
    const known = clientId === undefined ? undefined : this.#clients.get(clientId)
    const streams: ClientStreams = known ?? { clientId, randoms: {}, links: 0 }
    streams.links += 1
    this.#open.set(connection, streams)
    if (clientId !== undefined) {
      this.#clients.set(clientId, streams)
      this.#gone.delete(clientId)
    }
    return streams
  }
}
