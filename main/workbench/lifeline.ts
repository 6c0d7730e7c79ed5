import type {
  CloseCause,
  NetworkConnection,
  NetworkConnectionHandler,
  Origin,
} from '../../app/mqtt/network-connection.ts'
import type { Batch, Store } from '../broker/stores/store.ts'

/**
 * What a broker that is to be killed holds on to. Once it is cut, all that the broker still does is seen by nobody: its
 * connections are reset, and nothing more is written to its store, as where a process dies.
 */
export class Lifeline {
  readonly #ends = new Set<MortalEnd>()
  #isCut = false

  get isCut(): boolean {
    return this.#isCut
  }

  end(end: NetworkConnection): NetworkConnection {
    const mortal = new MortalEnd(end, (gone) => this.#ends.delete(gone))
    if (this.#isCut) mortal.die()
    else this.#ends.add(mortal)
    return mortal
  }

  /** A batch that is being written when it is cut may be there afterwards or not; nobody was told that it is. */
  store(store: Store): Store {
    return {
      name: store.name,
      load: (take) => store.load(take),
      write: (batch: Batch) => (this.#isCut ? Promise.resolve() : store.write(batch)),
      close: () => store.close(),
    }
  }

  /** @param reason in words, for the capture */
  cut(reason: string): void {
    if (this.#isCut) return
    this.#isCut = true
    const ends = [...this.#ends]
    // First nobody says anything any more: what the broker makes of the loss of one client is for no other to hear.
    for (const end of ends) end.die()
    for (const end of ends) end.reset(reason)
  }
}

/** An end of a Network Connection that its owner cannot use any more when it is dead. */
class MortalEnd implements NetworkConnection {
  readonly #end: NetworkConnection
  readonly #gone: (end: MortalEnd) => void
  #isDead = false

  constructor(end: NetworkConnection, gone: (end: MortalEnd) => void) {
    this.#end = end
    this.#gone = gone
  }

  get remote(): string {
    return this.#end.remote
  }

  listen(handler: NetworkConnectionHandler): void {
    this.#end.listen({
      octets: (octets, origin) => {
        if (!this.#isDead) handler.octets(octets, origin)
      },
      ended: (reason) => handler.ended(reason),
      drained: () => handler.drained(),
      closed: (cause: CloseCause, reason) => {
        this.#gone(this)
        handler.closed(cause, reason)
      },
    })
  }

  write(octets: Uint8Array, origin?: Origin): boolean {
    return this.#isDead || this.#end.write(octets, origin)
  }

  end(reason?: string): void {
    if (!this.#isDead) this.#end.end(reason)
  }

  reset(reason?: string): void {
    this.#end.reset(reason)
  }

  pause(): void {
    this.#end.pause()
  }

  resume(): void {
    this.#end.resume()
  }

  die(): void {
    this.#isDead = true
  }
}
