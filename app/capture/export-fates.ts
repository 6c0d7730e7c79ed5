/**
 * Which events tell the fate of which packet. A packet's record comes before its fates, and whoever writes it down has to
 * know them: they are gathered in a pass before. Takes 8 octets of memory for a fate.
 */
export class FateIndex {
  readonly #base: number
  /** The packet's number in the upper half, the event's in the lower, both counted from `base`. */
  #pairs = new BigUint64Array(64)
  #count = 0
  #sorted = true

  /** @param base no number is lower than this, nor higher by more than 2^32 - 1. */
  constructor(base: number) {
    this.#base = base
  }

  /** @param event number of the event's record; packets from before `base` are left out, nobody can ask for them. */
  add(packet: number, event: number): void {
    if (packet < this.#base || packet > event) return
    if (this.#count === this.#pairs.length) {
      const larger = new BigUint64Array(2 * this.#count)
      larger.set(this.#pairs)
      this.#pairs = larger
    }
    const pair = (BigInt(packet - this.#base) << 32n) | BigInt(event - this.#base)
    this.#sorted &&= this.#count === 0 || (this.#pairs[this.#count - 1] as bigint) < pair
    this.#pairs[this.#count++] = pair
  }

  /** Numbers of the events that tell the fate of this packet, in their order. */
  of(packet: number): number[] {
    if (this.#count === 0 || packet < this.#base) return []
    const wanted = BigInt(packet - this.#base)
    const events: number[] = []
    for (let at = this.#find(wanted << 32n); at < this.#count; at++) {
      const pair = this.#pairs[at] as bigint
      if (pair >> 32n !== wanted) break
      events.push(this.#base + Number(pair & 0xffffffffn))
    }
    return events
  }

  /** The position of the first pair that is not below this one. */
  #find(pair: bigint): number {
    if (!this.#sorted) {
      this.#pairs.subarray(0, this.#count).sort()
      this.#sorted = true
    }
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#pairs[middle] as bigint) < pair) low = middle + 1
      else high = middle
    }
    return low
  }
}
