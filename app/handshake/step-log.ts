import type { PacketRung } from './tracked-exchange.ts'

/** Finds the packets of exchanges by the number of their record, for what is said about them later. */
export class StepLog {
  /** In the order of their numbers, because that is how they come. */
  #rungs: PacketRung[] = []
  #alive: (message: number) => boolean
  #limit = 4096

  /** @param alive whether the Message with this number is still kept: packets of others are let go of in time. */
  constructor(alive: (message: number) => boolean) {
    this.#alive = alive
  }

  add(rung: PacketRung): void {
    const last = this.#rungs.at(-1)
    // Records that are given twice, or out of order, cannot be told apart.
    if (last !== undefined && rung.number <= last.number) return
    this.#rungs.push(rung)
    if (this.#rungs.length <= this.#limit) return
    this.#rungs = this.#rungs.filter(({ exchange }) => this.#alive(exchange.message))
    this.#limit = Math.max(4096, 2 * this.#rungs.length)
  }

  find(number: number): PacketRung | undefined {
    let low = 0
    let high = this.#rungs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rungs[middle] as PacketRung).number < number) low = middle + 1
      else high = middle
    }
    const found = this.#rungs[low]
    return found?.number === number ? found : undefined
  }
}
