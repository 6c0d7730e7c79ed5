import type { Unacknowledged } from './client-memory.ts'
import { messageOctets } from './pending-calls.ts'

/** How much an earlier life has left in flash that the broker has not acknowledged: nobody waits for it, but it is there. */
export class KeptMessages {
  /** Octets by Packet Identifier. */
  readonly #kept = new Map<number, number>()
  #octets = 0

  constructor(outgoing: ReadonlyMap<number, Unacknowledged>) {
    for (const [packetId, kept] of outgoing) {
      const octets = kept.type === 'PUBLISH' ? messageOctets(kept.message) : 0
      this.#kept.set(packetId, octets)
      this.#octets += octets
    }
  }

  get size(): number {
    return this.#kept.size
  }

  get octets(): number {
    return this.#octets
  }

  /** The handshake is finished; one that is of this life is not known here. */
  remove(packetId: number): void {
    this.#octets -= this.#kept.get(packetId) ?? 0
    this.#kept.delete(packetId)
  }

  clear(): void {
    this.#kept.clear()
    this.#octets = 0
  }
}
