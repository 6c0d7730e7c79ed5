interface Expiring {
  /** Wall time in milliseconds. */
  readonly expiresAt: number | undefined
}

/** What expires, the soonest first. */
export class ExpiryHeap<T extends Expiring> {
  #heap: T[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The one that expires first. */
  get first(): T | undefined {
    return this.#heap[0]
  }

  add(one: T): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(one)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (timeOf(heap[above]) <= timeOf(one)) break
      heap[at] = heap[above] as T
      at = above
    }
    heap[at] = one
  }

  /** Takes the first one away. */
  take(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below + 1 < heap.length && timeOf(heap[below + 1]) < timeOf(heap[below])) below++
      if (below >= heap.length || timeOf(heap[below]) >= timeOf(last)) break
      heap[at] = heap[below] as T
      at = below
    }
    heap[at] = last
    return first
  }

  /** Only these stay. */
  keep(isWanted: (one: T) => boolean): void {
    // What is in order is a heap.
    this.#heap = this.#heap.filter(isWanted).sort((a, b) => timeOf(a) - timeOf(b))
  }
}

function timeOf(one: Expiring | undefined): number {
  return one?.expiresAt ?? Number.POSITIVE_INFINITY
}
