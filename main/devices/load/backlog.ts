/**
 * What the clients of one process may have sent, or written, that the broker has not taken: octets. Each client is bounded
 * by itself, but ten thousand times its share is more than a machine has, and none of it counts as JavaScript's heap.
 */
export const mostWaiting = 256 * 1024 * 1024

/** The octets that wait for the broker, of all clients of a process together. */
export class Backlog {
  readonly #most: number
  #octets = 0

  /** @param most octets from which on nothing new is published */
  constructor(most = mostWaiting) {
    this.#most = most
  }

  get octets(): number {
    return this.#octets
  }

  /** Whoever publishes waits, or leaves the message out, until some of it was taken. */
  get isFull(): boolean {
    return this.#octets >= this.#most
  }

  /** @param octets that wait now; a negative number for what waits no more */
  add(octets: number): void {
    this.#octets += octets
  }
}
