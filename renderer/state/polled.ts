import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError, toErrorData } from '../../app/base/errors.ts'
import { Store } from './store.ts'

/** How often it is asked again by itself, and how soon at the earliest, in milliseconds. */
const everyMs = 1000
const leastMs = 150

/** What was answered last. */
export interface Answer<P, R> {
  readonly params: P
  /** Undefined where the last answer was an error. */
  readonly result: R | undefined
  readonly error: FaultlineError | undefined
  /** Wall time at which it came. */
  readonly at: number
}

/**
 * Something that the workbench is asked for again and again while it is looked at: once a second, and sooner when it is
 * known to have changed. There is one question at a time, but for those that overtake.
 */
export class Polled<P, R> {
  readonly #clock: Clock
  readonly #ask: (params: P) => Promise<R>
  readonly answer = new Store<Answer<P, R> | undefined>(undefined)
  #params: P | undefined
  readonly #overtakes: (next: P, asked: P) => boolean
  /** What is on its way, and which question that is. */
  #asked: P | undefined
  #number = 0
  /** Another question was put, or the same again, while one was on its way. */
  #stale = false
  #askedAt = Number.NEGATIVE_INFINITY
  #timer: Disposable | undefined
  #dueMs = 0

  /** @param overtakes whether a question need not wait for the answer to the one before, which nobody wants any more */
  constructor(clock: Clock, ask: (params: P) => Promise<R>, overtakes: (next: P, asked: P) => boolean = () => false) {
    this.#clock = clock
    this.#ask = ask
    this.#overtakes = overtakes
  }

  /** What is looked at from now on; undefined is nothing. The answer to what was looked at before stays until the next. */
  look(params: P | undefined): void {
    this.#params = params
    this.#timer?.dispose()
    this.#timer = undefined
    if (params === undefined) this.answer.set(undefined)
    else void this.#question()
  }

  /** It has changed. @param concerns whether what is looked at is meant */
  again(concerns: (params: P) => boolean = () => true): void {
    if (this.#params === undefined || !concerns(this.#params)) return
    if (this.#asked !== undefined) this.#stale = true
    else this.#wait(Math.max(0, leastMs - (this.#nowMs() - this.#askedAt)))
  }

  async #question(): Promise<void> {
    const params = this.#params
    if (params === undefined) return
    this.#stale = this.#asked !== undefined && !this.#overtakes(params, this.#asked)
    if (this.#stale) return
    this.#asked = params
    this.#number += 1
    const number = this.#number
    this.#askedAt = this.#nowMs()
    const answer = await this.#answerTo(params)
    if (number !== this.#number) return
    this.#asked = undefined
    if (this.#params === undefined) return
    if (answer !== undefined) this.answer.set(answer)
    // Another one waits already; the same one waits its time.
    if (this.#params !== params) void this.#question()
    else this.#wait(this.#stale ? leastMs : everyMs)
  }

  /** Undefined where the connection is lost: what was last heard stays. */
  async #answerTo(params: P): Promise<Answer<P, R> | undefined> {
    try {
      const result = await this.#ask(params)
      return { params, result, error: undefined, at: this.#clock.now() }
    } catch (cause) {
      const error = new FaultlineError(toErrorData(cause), { cause })
      return error.code === 'connection-closed'
        ? undefined
        : { params, result: undefined, error, at: this.#clock.now() }
    }
  }

  /** Asks after so many milliseconds, where nothing waits to be asked sooner. */
  #wait(ms: number): void {
    const dueMs = this.#nowMs() + ms
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return
    this.#timer?.dispose()
    this.#dueMs = dueMs
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined
      void this.#question()
    })
  }

  #nowMs(): number {
    return this.#clock.monotonic() / 1e6
  }
}
