/** First in, first out; taking from the front costs the same however many wait. */
export class Queue<T extends object> {
  #items: (T | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#items.length - this.#start
  }

  get first(): T | undefined {
    return this.#items[this.#start]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#start]
    // What is taken is let go of at once, the room for it when half of the room is free.
    this.#items[this.#start++] = undefined
    if (this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
    return item
  }

  /** All that waits, in order. */
  list(): T[] {
    return this.#items.slice(this.#start) as T[]
  }
}
