/** A packet as the framer gave it. */
export interface FramedPacket {
  readonly octets: Uint8Array
  readonly isMalformed: boolean
}

/** Octets that may come while CONNECT is being decided, with those of CONNECT itself. */
export const mostHeld = 64 * 1024

/** Packets of one client that wait: for CONNECT to be decided, or for the next turn. */
export class HeldPackets {
  #packets: FramedPacket[] = []

  get isEmpty(): boolean {
    return this.#packets.length === 0
  }

  add(octets: Uint8Array, isMalformed: boolean): void {
    this.#packets.push({ octets, isMalformed })
  }

  /** Gives each to `serve` in turn, as long as that says to go on; the others stay. */
  serve(serve: (packet: FramedPacket) => boolean): void {
    const packets = this.#packets
    let served = 0
    while (served < packets.length && serve(packets[served] as FramedPacket)) served++
    this.#packets = packets.slice(served)
  }

  clear(): void {
    this.#packets = []
  }
}
