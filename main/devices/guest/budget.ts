/**
 * A gap between two polls that is longer than this is time in which the thread did not run, or one slow builtin. In
 * milliseconds; where many threads want the cores, each of them runs for some 4 ms at a time.
 */
const longestGap = 5
/** So much more time than the script itself has, in all, may be spent on what it asks of the host in one visit. */
const hostShare = 2

/**
 * How long a script may run before it yields. QuickJS polls many times in a millisecond; adding up the gaps, each cut to
 * a bound, keeps a machine that is busy with other things from making a script look slow. What the host does for it is
 * counted apart: the first thousand timers of a fresh worker are slow, and no endless loop. A builtin that does not poll
 * at all is the business of the watchdog in the main thread.
 */
export class RunBudget {
  readonly #limit: number
  #last = 0
  #spent = 0
  #hosted = 0

  /** @param limit in milliseconds */
  constructor(limit: number) {
    this.#limit = limit
  }

  start(): void {
    this.#last = performance.now()
    this.#spent = 0
    this.#hosted = 0
  }

  /** True when the time is used up. */
  poll(): boolean {
    this.#spent += this.#gap()
    return this.#usedUp
  }

  /** As `poll`, when the host has done something for the script since the last time. */
  pollHost(): boolean {
    this.#hosted += this.#gap()
    return this.#usedUp
  }

  get #usedUp(): boolean {
    return this.#spent > this.#limit || this.#hosted > this.#limit * hostShare
  }

  #gap(): number {
    const now = performance.now()
    const gap = Math.min(longestGap, now - this.#last)
    this.#last = now
    return gap
  }
}
