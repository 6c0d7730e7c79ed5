/** What is due at some time, the earliest first: a binary heap, so that ten thousand clients need one timer. */
export class DueQueue<T> {
  readonly #items: { readonly due: number; readonly order: number; readonly item: T }[] = []
  /** What is due at the same time comes out in the order in which it went in. */
  #order = 0

  get size(): number {
    return this.#items.length
  }

  /** When the first one is due; undefined when there is none. */
  get next(): number | undefined {
    return this.#items[0]?.due
  }

  add(due: number, item: T): void {
    const items = this.#items
    const entry = { due, order: this.#order++, item }
    let at = items.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const above = items[parent]
      if (above === undefined || !isBefore(entry, above)) break
      items[at] = above
      at = parent
    }
    items[at] = entry
  }

  /** Takes out the first one if it is due by then. */
  take(now: number): T | undefined {
    const items = this.#items
    const first = items[0]
    if (first === undefined || first.due > now) return undefined
    const last = items.pop()
    if (last !== undefined && items.length > 0) this.#sink(last)
    return first.item
  }

  #sink(entry: { readonly due: number; readonly order: number; readonly item: T }): void {
    const items = this.#items
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      let below = items[child]
      if (below === undefined) break
      const right = items[child + 1]
      if (right !== undefined && isBefore(right, below)) {
        below = right
        child++
      }
      if (!isBefore(below, entry)) break
      items[at] = below
      at = child
    }
    items[at] = entry
  }
}

interface Ordered {
  readonly due: number
  readonly order: number
}

function isBefore(a: Ordered, b: Ordered): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
