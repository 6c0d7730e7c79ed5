/**
 * Packet Identifiers of one client: 1, 2, 3, ... and round again, leaving out those in use [MQTT-2.3.1-2]. MQTT.js's own
 * provider begins at a random number, which would make no run like another, and does not look whether one is in use.
 */
export class PacketIdentifiers {
  readonly #used = new Set<number>()
  #last = 0

  get areUsedUp(): boolean {
    return this.#used.size >= 65_535
  }

  allocate(): number | null {
    if (this.areUsedUp) return null
    do this.#last = (this.#last % 65_535) + 1
    while (this.#used.has(this.#last))
    this.#used.add(this.#last)
    return this.#last
  }

  getLastAllocated(): number | null {
    return this.#last === 0 ? null : this.#last
  }

  register(id: number): boolean {
    if (this.#used.has(id)) return false
    this.#used.add(id)
    return true
  }

  deallocate(id: number): void {
    this.#used.delete(id)
  }

  clear(): void {
    this.#used.clear()
  }
}
