import type { Random } from '../base/random.ts'
import type { Rule, RuleProgress } from './rule.ts'

/** What of a rule says how often it acts. */
export type RuleLimits = Pick<Rule, 'nth' | 'times' | 'probability' | 'fromMs' | 'untilMs'>

/**
 * Keeps the count of one rule from the moment it was enabled: on which matches it acts. It counts what its filter matches
 * while its window is open and until it is done.
 */
export class RuleCounter {
  readonly #rule: RuleLimits
  readonly #enabledAt: number
  #matched = 0
  #hits = 0
  #ended = false

  /** @param enabledAt when it was enabled, on the same scale as the times that are given later. */
  constructor(rule: RuleLimits, enabledAt = 0) {
    this.#rule = rule
    this.#enabledAt = enabledAt
  }

  /**
   * The rule's filter has matched: whether it acts. Every match from the nth on, inside the window, takes exactly one
   * number from `random`, whatever the probability, so that the same seed decides the same.
   *
   * @param now in milliseconds.
   */
  offer(now: number, random: Random): boolean {
    const since = now - this.#enabledAt
    if (since < this.#rule.fromMs || this.#isDone(now)) return false
    this.#matched++
    if (this.#matched < this.#rule.nth) return false
    // `next` is below 1 always: 1 acts on every number, 0 on none.
    if (random.next() >= this.#rule.probability) return false
    this.#hits++
    return true
  }

  /** What it was let to do last came to nothing, such as a loss that spared the packet: that was not a time it acted. */
  takeBack(): void {
    this.#hits--
  }

  /** Whether it will never act again, as far as it has heard of the time. */
  get done(): boolean {
    return this.#ended || (this.#rule.times > 0 && this.#hits >= this.#rule.times)
  }

  /** @param now in milliseconds. */
  progress(now: number): RuleProgress {
    return { matched: this.#matched, hits: this.#hits, done: this.#isDone(now) }
  }

  #isDone(now: number): boolean {
    this.#ended ||= this.#rule.untilMs > 0 && now - this.#enabledAt >= this.#rule.untilMs
    return this.done
  }
}
