/** Remembers what was made for a key in the second that is shown, so that the same second gives the same value. */
export class EachSecond<T> {
  readonly #values = new Map<string, T>()
  #second = Number.NaN

  /** @param second wall time in milliseconds, whole seconds. */
  get(key: string, second: number, make: () => T): T {
    if (second !== this.#second) {
      this.#values.clear()
      this.#second = second
    }
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const value = make()
    this.#values.set(key, value)
    return value
  }
}
