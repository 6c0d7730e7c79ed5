/** So many are kept of one client, and so many of all, with so many octets of what came from strangers. */
export const mostNotes = { ofOne: 1000, ofAll: 100_000, octets: 64 * 1024 * 1024 }

/** Something that was seen of a client. */
interface Note {
  readonly clientId: string
  /** Of its record. */
  readonly number: number
}

interface OfClient<Item> {
  /** The oldest first. */
  readonly notes: Item[]
  readonly forgotten: { count: number; from: number; until: number }
}

const none = { count: 0, from: 0, until: 0 }

/**
 * What was seen of clients in a run, one note for a record at most, as they come. The newest are kept: a device that comes
 * back again and again for a day does not fill the memory, and does not push out what is known of others.
 */
export class ClientNotes<Item extends Note> {
  readonly #octetsOf: (item: Item) => number
  /** By the number of their records, the oldest first. */
  readonly #all = new Map<number, Item>()
  readonly #clients = new Map<string, OfClient<Item>>()
  #octets = 0
  #forgotten = 0

  /** @param octetsOf how much memory one takes besides what all take */
  constructor(octetsOf: (item: Item) => number = () => 0) {
    this.#octetsOf = octetsOf
  }

  /** How many are kept. */
  get length(): number {
    return this.#all.size
  }

  /** How many are not kept any more. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** All that are kept, the oldest first. */
  all(): Item[] {
    return [...this.#all.values()]
  }

  /** Those of one client, the oldest first. */
  of(clientId: string): readonly Item[] {
    return this.#clients.get(clientId)?.notes ?? []
  }

  /** How many of a client are not kept any more, and the numbers of the first and the last of those; 0 where there are none. */
  forgottenOf(clientId: string): { readonly count: number; readonly from: number; readonly until: number } {
    return this.#clients.get(clientId)?.forgotten ?? none
  }

  add(item: Item): void {
    const { clientId, number } = item
    const known = this.#clients.get(clientId)
    const client = known ?? { notes: [], forgotten: { ...none } }
    if (known === undefined) this.#clients.set(clientId, client)
    client.notes.push(item)
    this.#all.set(number, item)
    this.#octets += this.#octetsOf(item)
    if (client.notes.length > mostNotes.ofOne) this.#forgetOldest(client)
    while (this.#all.size > mostNotes.ofAll || this.#octets > mostNotes.octets) {
      const [oldest] = this.#all.values()
      // The oldest of all is the oldest of its client.
      const its = oldest && this.#clients.get(oldest.clientId)
      if (its === undefined) return
      this.#forgetOldest(its)
    }
  }

  #forgetOldest(client: OfClient<Item>): void {
    const oldest = client.notes.shift()
    if (oldest === undefined) return
    this.#all.delete(oldest.number)
    this.#octets -= this.#octetsOf(oldest)
    this.#forgotten += 1
    const { forgotten } = client
    if (forgotten.count === 0) forgotten.from = oldest.number
    forgotten.count += 1
    forgotten.until = oldest.number
  }
}
