/** Where the rows of a list are whose heights differ. Positions in pixels from the top of the list. */
export class RowWindow {
  /** One more than there are rows: the last is where the list ends. */
  readonly #tops: Float64Array

  constructor(count: number, heightOf: (index: number) => number) {
    this.#tops = new Float64Array(count + 1)
    let top = 0
    for (let i = 0; i < count; i++) {
      this.#tops[i] = top
      top += heightOf(i)
    }
    this.#tops[count] = top
  }

  get count(): number {
    return this.#tops.length - 1
  }

  get height(): number {
    return this.#tops[this.count] ?? 0
  }

  top(index: number): number {
    return this.#tops[index] ?? this.height
  }

  /** The rows of which something lies between two positions, the second one not included. */
  between(from: number, to: number): { readonly first: number; readonly end: number } {
    if (this.count === 0 || to <= 0 || from >= this.height) return { first: 0, end: 0 }
    let end = this.#at(from)
    const first = end
    while (end < this.count && this.top(end) < to) end++
    return { first, end }
  }

  /** How far to scroll so that a row is seen whole, from where the list stands now; as little as possible. */
  reveal(index: number, scrolled: number, height: number): number {
    const bottom = this.top(index + 1)
    return Math.min(Math.max(scrolled, bottom - height), this.top(index))
  }

  /** The row at a position: the last one that begins at or before it. */
  #at(position: number): number {
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.top(middle) <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
