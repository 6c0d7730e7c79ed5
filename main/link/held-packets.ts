import type { HeldPacket } from '../../app/contract/wire.ts'

/** What is to be done with a held packet. `octets` go on instead of it, whatever they are. */
export interface Decision {
  readonly action: 'deliver' | 'drop' | 'twice'
  readonly octets?: Uint8Array | undefined
}

/** A packet that a breakpoint has stopped, and with it its direction of its Network Connection. */
export interface Held {
  /** The number of its record. */
  readonly packet: number
  /** The id of the breakpoint that holds it; undefined where everything is held. */
  readonly breakpoint: string | undefined
  /** How many wait behind it. */
  readonly waiting: number
  /** All of them. */
  readonly octets: Uint8Array
  decide(decision: Decision): void
  /** It and all that waits behind it goes on; breakpoints are not asked. Gives the number of packets. */
  letGo(): number
  snapshot(): HeldPacket
}

/** The packets that are held at this moment, over all Links. */
export class HeldPackets {
  readonly #held = new Map<number, Held>()
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  add(held: Held): void {
    this.#held.set(held.packet, held)
    this.#changed()
  }

  delete(packet: number): void {
    if (this.#held.delete(packet)) this.#changed()
  }

  get(packet: number): Held | undefined {
    return this.#held.get(packet)
  }

  get count(): number {
    return this.#held.size
  }

  /** All that wait behind held ones. */
  get waiting(): number {
    let waiting = 0
    for (const held of this.#held.values()) waiting += held.waiting
    return waiting
  }

  /** In the order of the capture. */
  list(): Held[] {
    return [...this.#held.values()].sort((a, b) => a.packet - b.packet)
  }

  /** The first in the capture. */
  first(): Held | undefined {
    let first: Held | undefined
    for (const held of this.#held.values()) if (first === undefined || held.packet < first.packet) first = held
    return first
  }
}
