/** Runs what has the same key one after the other, in the order in which it came; never at once. */
export class TurnsByKey {
  readonly #last = new Map<string, Promise<void>>()
  readonly #failed: (error: unknown) => void

  /** @param failed is told of what a work was rejected with; the next one runs all the same */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** @returns when it is done, well or not */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const done = before.then(work).catch(this.#failed)
    this.#last.set(key, done)
    return done.finally(() => {
      if (this.#last.get(key) === done) this.#last.delete(key)
    })
  }
}
