/** How many messages of QoS 1 and 2 may be sent before one of them is acknowledged [MQTT-3.3.4-7 of MQTT 5]. */
export class SendWindow {
  #most = Number.POSITIVE_INFINITY
  /** Packet Identifiers of what was sent on this connection and has no end yet. A PUBREL that is sent again is none. */
  readonly #open = new Set<number>()

  /** A new connection begins. @param most the broker's Receive Maximum */
  reset(most: number): void {
    this.#most = most
    this.#open.clear()
  }

  get hasRoom(): boolean {
    return this.#open.size < this.#most
  }

  take(packetId: number): void {
    this.#open.add(packetId)
  }

  give(packetId: number): void {
    this.#open.delete(packetId)
  }
}
