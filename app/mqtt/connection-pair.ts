import type { CloseCause, NetworkConnection, NetworkConnectionHandler, Origin } from './network-connection.ts'

/** How many octets may wait for a paused reader before `write` asks the writer to stop. */
const highWaterMark = 64 * 1024

type Item = { octets: Uint8Array; origin: Origin | undefined } | 'fin'

/**
 * Two ends of a Network Connection in memory: what one end writes, the other hears, in the same tick when it is not
 * paused. It behaves as TCP does where it matters: order, back-pressure, half-close by `end`, loss of what is unsent
 * by `reset`.
 */
export function createConnectionPair(): [NetworkConnection, NetworkConnection] {
  const a = new PairEnd()
  const b = new PairEnd()
  a.peer = b
  b.peer = a
  return [a, b]
}

class PairEnd implements NetworkConnection {
  peer!: PairEnd
  #handler: NetworkConnectionHandler | undefined
  #paused = true
  #closed = false
  /** This end has sent FIN. */
  #ended = false
  /** The peer's FIN was handed to the handler. */
  #heardEnd = false
  #inbox: Item[] = []
  #inboxOctets = 0
  #peerWaits = false
  #delivering = false

  listen(handler: NetworkConnectionHandler): void {
    this.#handler = handler
  }

  write(octets: Uint8Array, origin?: Origin): boolean {
    if (this.#closed || this.#ended || octets.length === 0) return true
    return this.peer.#receive({ octets, origin })
  }

  end(): void {
    if (this.#closed || this.#ended) return
    this.#ended = true
    this.peer.#receive('fin')
    this.#closeWhenBothEnded('local')
  }

  reset(): void {
    if (this.#closed) return
    this.#close('local')
    this.peer.#inbox = []
    this.peer.#close('rst')
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#deliver()
  }

  #receive(item: Item): boolean {
    if (this.#closed) return true
    this.#inbox.push(item)
    if (item !== 'fin') this.#inboxOctets += item.octets.length
    this.#deliver()
    if (this.#inboxOctets <= highWaterMark) return true
    this.#peerWaits = true
    return false
  }

  #deliver(): void {
    // A handler that writes back may come here again; the outer loop goes on with what was added.
    if (this.#delivering) return
    this.#delivering = true
    let taken = 0
    while (!this.#paused && !this.#closed && taken < this.#inbox.length) {
      const item = this.#inbox[taken++] as Item
      if (item === 'fin') {
        this.#heardEnd = true
        this.#handler?.ended()
      } else {
        this.#inboxOctets -= item.octets.length
        this.#handler?.octets(item.octets, item.origin)
      }
    }
    this.#inbox.splice(0, taken)
    this.#delivering = false
    if (this.#peerWaits && this.#inboxOctets <= highWaterMark / 2) {
      this.#peerWaits = false
      this.peer.#handler?.drained()
    }
    if (this.#heardEnd) this.#closeWhenBothEnded('fin')
  }

  #closeWhenBothEnded(cause: CloseCause): void {
    if (!this.#ended || !this.#heardEnd) return
    this.#close(cause)
    this.peer.#peerIsClosing()
  }

  #peerIsClosing(): void {
    if (this.#ended && this.#heardEnd) this.#close('fin')
  }

  #close(cause: CloseCause): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox = []
    this.#handler?.closed(cause)
  }
}
