/** A packet as the framer gave it. */
export interface FramedPacket {
  readonly octets: Uint8Array
  readonly isMalformed: boolean
}

/** Octets of packets that may wait while CONNECT is being decided. */
const mostHeld = 64 * 1024

/** Packets of one client that wait: for CONNECT to be decided, or for the next turn. */
export class HeldPackets {
  #packets: FramedPacket[] = []
  #octets = 0

  get isEmpty(): boolean {
    return this.#packets.length === 0
  }

  /** No more is to be read while CONNECT is being decided. */
  get isFull(): boolean {
    return this.#octets > mostHeld
  }

  add(octets: Uint8Array, isMalformed: boolean): void {
    this.#packets.push({ octets, isMalformed })
    this.#octets += octets.length
  }

  /** Gives each to `serve` in turn, as long as that says to go on; the others stay. */
  serve(serve: (packet: FramedPacket) => boolean): void {
    const packets = this.#packets
    let served = 0
    while (served < packets.length && serve(packets[served] as FramedPacket)) {
      this.#octets -= packets[served]?.octets.length ?? 0
      served++
    }
    this.#packets = packets.slice(served)
  }

  clear(): void {
    this.#packets = []
    this.#octets = 0
  }
}
