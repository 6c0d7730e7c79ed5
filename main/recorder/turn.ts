/** How long nothing else may run, in milliseconds. */
const longestTurn = 20

/** Work that is done piece by piece. */
export class Turn {
  #began = performance.now()

  /** Whether this has taken long enough. */
  get isOver(): boolean {
    return performance.now() - this.#began > longestTurn
  }

  /** Lets others run where this has taken long enough. */
  async letOthers(): Promise<void> {
    if (!this.isOver) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#began = performance.now()
  }
}
