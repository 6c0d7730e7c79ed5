import type { Clock } from '../../../app/base/clock.ts'

/** How long packets may be served before everybody else has a turn, in milliseconds. */
const mostMs = 10
/** The time is asked for once for so much work: asking costs as much as much else that is done for a packet. */
const between = 32

/**
 * One turn of the event loop, as far as it is spent on the packets of clients. When it is over, what has come waits for
 * the next one, so that no flood keeps others waiting for long.
 */
export class Turn {
  readonly #clock: Clock
  readonly #work: () => number
  readonly #failed: (error: unknown) => void
  #isRunning = false
  #isOver = false
  #began = 0
  #askAt = 0
  #number = 0
  #waiting: (() => void)[] = []
  #first: (() => void) | undefined

  /**
   * @param work counts packets, in and out
   * @param failed hears what was thrown by one that waited; the others go on
   */
  constructor(clock: Clock, work: () => number, failed: (error: unknown) => void) {
    this.#clock = clock
    this.#work = work
    this.#failed = failed
  }

  /** Counts them, from 1; 0 before the first one. */
  get number(): number {
    return this.#number
  }

  /** Asked for each packet. */
  get isOver(): boolean {
    const work = this.#work()
    if (!this.#isRunning) this.#begin(work)
    if (this.#isOver || work < this.#askAt) return this.#isOver
    this.#askAt = work + between
    this.#isOver = this.#clock.monotonic() - this.#began > mostMs * 1e6
    return this.#isOver
  }

  /** Much was done for one packet: the time is asked for with the next one. */
  hurry(): void {
    this.#askAt = 0
  }

  /** Nothing more is served in this one. */
  end(): void {
    if (!this.#isRunning) this.#begin(this.#work())
    this.#isOver = true
  }

  /** Calls it in the next turn, after those that wait already. */
  next(goOn: () => void): void {
    if (!this.#isRunning) this.#begin(this.#work())
    this.#waiting.push(goOn)
  }

  /** Calls it in the next turn, before all those that wait: it was begun before them. There is one at a time. */
  first(goOn: () => void): void {
    if (!this.#isRunning) this.#begin(this.#work())
    this.#first = goOn
  }

  #begin(work: number): void {
    this.#isRunning = true
    this.#isOver = false
    this.#number++
    this.#began = this.#clock.monotonic()
    this.#askAt = work + between
    // After all that has come by now, and before what comes then.
    this.#clock.after(0, () => this.#goOn())
  }

  #goOn(): void {
    this.#isRunning = false
    const waiting = this.#waiting
    this.#waiting = []
    this.#goOnFirst()
    for (let next = 0; next < waiting.length; next++) {
      if (this.isOver) {
        this.#waiting = [...waiting.slice(next), ...this.#waiting]
        return
      }
      this.#call(waiting[next] as () => void)
    }
  }

  #goOnFirst(): void {
    const first = this.#first
    this.#first = undefined
    if (first === undefined) return
    this.#begin(this.#work())
    this.#call(first)
  }

  #call(goOn: () => void): void {
    try {
      goOn()
    } catch (error) {
      this.#failed(error)
    }
  }
}
