/** Numbers of which the lowest is wanted again and again: a binary heap. */
export class LowestFirst {
  readonly #heap: number[] = []

  get size(): number {
    return this.#heap.length
  }

  /** Infinity where there is none. */
  get lowest(): number {
    return this.#at(0)
  }

  push(number: number): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#at(parent) <= number) break
      heap[at] = this.#at(parent)
      at = parent
    }
    heap[at] = number
  }

  /** Takes the lowest away. */
  pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(child) >= last) break
      heap[at] = this.#at(child)
      at = child
    }
    heap[at] = last
  }

  #at(index: number): number {
    return this.#heap[index] ?? Number.POSITIVE_INFINITY
  }
}
