/** A gap between two polls that is longer than this is time in which the thread did not run, or one slow builtin. */
const longestGap = 25

/**
 * How long a script may run before it yields. QuickJS polls many times in a millisecond; adding up the gaps, each cut to
 * a bound, keeps a machine that is busy with other things from making a script look slow. A builtin that does not poll
 * at all is the business of the watchdog in the main thread.
 */
export class RunBudget {
  readonly #limit: number
  #last = 0
  #spent = 0

  /** @param limit in milliseconds */
  constructor(limit: number) {
    this.#limit = limit
  }

  start(): void {
    this.#last = performance.now()
    this.#spent = 0
  }

  /** True when the time is used up. */
  poll(): boolean {
    const now = performance.now()
    this.#spent += Math.min(longestGap, now - this.#last)
    this.#last = now
    return this.#spent > this.#limit
  }

  get usedUp(): boolean {
    return this.#spent > this.#limit
  }
}
