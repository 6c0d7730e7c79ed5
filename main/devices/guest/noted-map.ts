/** A key is another now, or gone. `isLast`: whatever was under it before, it comes after all others now. */
export interface NotedChange<V> {
  readonly key: number
  readonly kept: { readonly value: V; readonly isLast: boolean } | undefined
}

/** A Map that notes what has changed in it, so that a copy of it can be kept elsewhere, in the same order. */
export class NotedMap<V> extends Map<number, V> {
  readonly #changed: () => void
  /** The last change of each key, in the order in which the copy needs them. */
  readonly #changes = new Map<number, NotedChange<V> & { readonly isInCopy: boolean }>()

  /** @param changed hears of each change after it was noted */
  constructor(changed: () => void) {
    super()
    this.#changed = changed
  }

  override set(key: number, value: V): this {
    const isNew = !this.has(key)
    super.set(key, value)
    const before = this.#changes.get(key)
    // A key that is there keeps its place, in the copy as here.
    if (isNew) this.#changes.delete(key)
    this.#changes.set(key, {
      key,
      kept: { value, isLast: isNew || before?.kept?.isLast === true },
      isInCopy: before?.isInCopy ?? !isNew,
    })
    this.#changed()
    return this
  }

  override delete(key: number): boolean {
    if (!super.delete(key)) return false
    const before = this.#changes.get(key)
    this.#changes.delete(key)
    if (before?.isInCopy !== false) this.#changes.set(key, { key, kept: undefined, isInCopy: true })
    this.#changed()
    return true
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key)
  }

  /** What a copy has to do to be as this, in this order. */
  take(): NotedChange<V>[] {
    const changes = [...this.#changes.values()].map(({ key, kept }) => ({ key, kept }))
    this.#changes.clear()
    return changes
  }
}
