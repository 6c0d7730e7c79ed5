import type { CloseCause, NetworkConnection, NetworkConnectionHandler, Origin } from './network-connection.ts'

/** How many octets may wait for a paused reader before `write` asks the writer to stop. */
const highWaterMark = 64 * 1024

type Item = { octets: Uint8Array; origin: Origin | undefined } | { fin: true; reason: string | undefined }

/**
 * Two ends of a Network Connection in memory: what one end writes, the other hears, in the same tick when it is not
 * paused. It behaves as TCP does where it matters: order, back-pressure, half-close by `end`. A `reset` is heard at
 * once, even by an end that is paused, but after the octets that had already arrived there; what had arrived for the
 * end that resets is lost.
 */
export function createConnectionPair(): [NetworkConnection, NetworkConnection] {
  const a = new PairEnd()
  const b = new PairEnd()
  a.peer = b
  b.peer = a
  return [a, b]
}

class PairEnd implements NetworkConnection {
  readonly remote = 'this process'
  peer!: PairEnd
  #handler: NetworkConnectionHandler | undefined
  #paused = true
  #closed = false
  /** This end has sent FIN. */
  #ended = false
  /** The peer's FIN was handed to the handler. */
  #heardEnd = false
  /** The peer has sent RST; the handler hears of it when the inbox is empty. */
  #reset: { reason: string | undefined } | undefined
  #inbox: Item[] = []
  #inboxOctets = 0
  /** The peer was told that this end is slow, and waits for `drained`. */
  #peerWaits = false
  #delivering = false

  listen(handler: NetworkConnectionHandler): void {
    this.#handler = handler
  }

  write(octets: Uint8Array, origin?: Origin): boolean {
    if (this.#closed || this.#ended || octets.length === 0) return true
    return this.peer.#receive(octets, origin)
  }

  end(reason?: string): void {
    if (this.#closed || this.#ended) return
    this.#ended = true
    this.peer.#receiveEnd(reason)
    this.#closeWhenBothEnded()
  }

  reset(reason?: string): void {
    if (this.#closed) return
    this.#close('local', reason)
    this.peer.#receiveReset(reason)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#deliver()
  }

  #receive(octets: Uint8Array, origin: Origin | undefined): boolean {
    if (this.#closed) return true
    if (this.#inbox.length === 0 && !this.#paused && !this.#delivering) this.#handAtOnce(octets, origin)
    else {
      this.#inbox.push({ octets, origin })
      this.#inboxOctets += octets.length
      this.#deliver()
    }
    if (this.#inboxOctets <= highWaterMark) return true
    this.#peerWaits = true
    return false
  }

  /** Nothing waits, so that there is no need to queue: this is the way of nearly every packet. */
  #handAtOnce(octets: Uint8Array, origin: Origin | undefined): void {
    this.#delivering = true
    try {
      this.#handler?.octets(octets, origin)
    } finally {
      this.#delivering = false
    }
    if (this.#inbox.length > 0 || this.#reset) this.#deliver()
  }

  #receiveEnd(reason: string | undefined): void {
    if (this.#closed) return
    this.#inbox.push({ fin: true, reason })
    this.#deliver()
  }

  #receiveReset(reason: string | undefined): void {
    if (this.#closed) return
    this.#reset = { reason }
    this.#deliver()
  }

  #deliver(): void {
    // A handler that writes back may come here again; the outer loop goes on with what was added.
    if (this.#delivering) return
    this.#delivering = true
    let taken = 0
    try {
      while ((!this.#paused || this.#reset) && !this.#closed && taken < this.#inbox.length) {
        this.#hand(this.#inbox[taken++] as Item)
      }
    } finally {
      this.#inbox.splice(0, taken)
      this.#delivering = false
    }
    if (this.#reset) this.#close('rst', this.#reset.reason)
    else if (this.#heardEnd) this.#closeWhenBothEnded()
    if (this.#peerWaits && !this.peer.#closed && this.#inboxOctets <= highWaterMark / 2) {
      this.#peerWaits = false
      this.peer.#handler?.drained()
    }
  }

  #hand(item: Item): void {
    if ('fin' in item) {
      this.#heardEnd = true
      this.#handler?.ended(item.reason)
    } else {
      this.#inboxOctets -= item.octets.length
      this.#handler?.octets(item.octets, item.origin)
    }
  }

  #closeWhenBothEnded(): void {
    if (!this.#ended || !this.#heardEnd) return
    this.#close('fin', undefined)
    if (this.peer.#ended && this.peer.#heardEnd) this.peer.#close('fin', undefined)
  }

  #close(cause: CloseCause, reason: string | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox = []
    this.#inboxOctets = 0
    this.#handler?.closed(cause, reason)
  }
}
