import type { Clock } from '../../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../../app/base/disposable.ts'
import type { Event } from '../../../app/base/emitter.ts'
import { FaultlineError } from '../../../app/base/errors.ts'

/** Records of the capture that something is about: first and last. */
export interface Packets {
  readonly first: number
  readonly last: number
}

/**
 * How things stand at one look:
 * - `held`, `failed`: it is decided
 * - `open`: what is wanted may still come
 * - `settling`: all has come, and nothing more may come for a while
 */
export interface Look {
  readonly is: 'held' | 'failed' | 'open' | 'settling'
  /** What came, in words; asked for once, when it is decided. */
  readonly received: () => string
  /** What it is about, where that is known. */
  readonly packets?: Packets | undefined
  /** Milliseconds after which to look again although nothing has happened. */
  readonly again?: number | undefined
}

/** Something that is expected of what moves. */
export interface Question {
  /** In words, without how long it is waited for. */
  readonly expected: string
  /** Whatever may change how it stands. */
  readonly changes: readonly Event<unknown>[]
  look(): Look
  /** What becomes of it when it is open still, and the time is up. */
  readonly inTheEnd: 'held' | 'failed'
  /** It has held: what it has found is not given to others. Called in the same breath as the look. */
  take?(): void
  /** Ends what it listens to. */
  dispose?(): void
}

export interface Decision {
  readonly held: boolean
  readonly received: string
  readonly packets: Packets | undefined
}

/** So long after its time a question may go on settling, in milliseconds. */
export const grace = 500

/** A look may cost so much of the time, at most: one tenth. The next one waits at most `longestRest` milliseconds. */
const rest = 9
const longestRest = 250

/**
 * Looks at once, whenever something has changed, and a last time when the time is up and all that was captured by then has
 * been taken in.
 *
 * @param options.settled resolves when it has been taken in
 * @throws FaultlineError `connection-closed` where `until` is disposed of before it is decided
 */
export function decide(
  question: Question,
  options: {
    readonly clock: Clock
    readonly within: number
    readonly settled: () => Promise<void>
    readonly until: Set<Disposable>
  },
): Promise<Decision> {
  return new Promise((resolve, reject) => {
    const asked = new Asked(question, options, resolve, reject)
    asked.begin()
  })
}

class Asked implements Disposable {
  readonly #question: Question
  readonly #options: Parameters<typeof decide>[1]
  readonly #resolve: (decision: Decision) => void
  readonly #reject: (error: unknown) => void
  readonly #listening = new DisposableStore()
  #next: Disposable | undefined
  #later: Disposable | undefined
  #isOver = false
  /** `within` has passed; then `grace` too. */
  #isLate = false
  #isLast = false
  #restUntil = 0

  constructor(
    question: Question,
    options: Parameters<typeof decide>[1],
    resolve: (decision: Decision) => void,
    reject: (error: unknown) => void,
  ) {
    this.#question = question
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { clock, until, within } = this.#options
    until.add(this)
    for (const change of this.#question.changes) this.#listening.add(change(() => this.#soon()))
    this.#listening.add(clock.after(within, () => this.#timeIsUp()))
    this.#look()
  }

  /** Nobody waits for it any more. */
  dispose(): void {
    if (this.#isOver) return
    this.#end()
    this.#reject(
      new FaultlineError({ code: 'connection-closed', message: 'the run has ended while this was waited for' }),
    )
  }

  #timeIsUp(): void {
    this.#options.settled().then(
      () => {
        if (this.#isOver) return
        this.#isLate = true
        this.#look()
        if (this.#isOver) return
        const last = () => {
          this.#isLast = true
          this.#look()
        }
        this.#listening.add(this.#options.clock.after(grace, last))
      },
      (error: unknown) => this.#fail(error),
    )
  }

  /** Once for all that happens in one turn of the event loop, and not all the time where that is dear. */
  #soon(): void {
    if (this.#isOver || this.#next !== undefined) return
    const { clock } = this.#options
    const wait = Math.max(0, (this.#restUntil - clock.monotonic()) / 1e6)
    this.#next = clock.after(wait, () => {
      this.#next = undefined
      this.#look()
    })
  }

  #look(): void {
    if (this.#isOver) return
    const { clock } = this.#options
    const began = clock.monotonic()
    try {
      this.#judge(this.#question.look())
    } catch (error) {
      this.#fail(error)
    }
    const now = clock.monotonic()
    this.#restUntil = now + Math.min((now - began) * rest, longestRest * 1e6)
  }

  #judge(look: Look): void {
    const { again, is } = look
    if (is === 'held' || is === 'failed') this.#decide(is, look)
    else if (is === 'open' && this.#isLate) this.#decide(this.#question.inTheEnd, look)
    else if (is === 'settling' && this.#isLast) this.#decide('held', look)
    else if (again !== undefined) {
      this.#later?.dispose()
      this.#later = this.#options.clock.after(again, () => this.#look())
    }
  }

  #decide(as: 'held' | 'failed', { packets, received }: Look): void {
    const decision = { held: as === 'held', received: received(), packets }
    if (decision.held) this.#question.take?.()
    this.#end()
    this.#resolve(decision)
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#end()
    this.#reject(error)
  }

  #end(): void {
    this.#isOver = true
    this.#options.until.delete(this)
    this.#listening.dispose()
    this.#next?.dispose()
    this.#later?.dispose()
    this.#question.dispose?.()
  }
}
