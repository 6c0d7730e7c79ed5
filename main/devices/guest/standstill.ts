/** A program that can be made to stand still: what is to happen in it meanwhile waits, in order, until it goes on. */
export class Standstill {
  #waiting: (() => void)[] | undefined

  get still(): boolean {
    return this.#waiting !== undefined
  }

  begin(): void {
    this.#waiting ??= []
  }

  /** Now, or when the program goes on. */
  run(work: () => void): void {
    if (this.#waiting === undefined) work()
    else this.#waiting.push(work)
  }

  /** The same functions, each of which waits while the program stands still. */
  hold<T extends object>(functions: T): T {
    const held = Object.entries(functions).map(([name, run]) => [
      name,
      (...args: unknown[]) => this.run(() => run(...args)),
    ])
    // The same names with functions of the same kind: that is T, but Object.fromEntries cannot tell.
    return Object.fromEntries(held) as T
  }

  /** Goes on, with what has waited. */
  end(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const work of waiting) work()
  }

  /** What has waited never happens: the program is gone. */
  drop(): void {
    this.#waiting = undefined
  }
}
