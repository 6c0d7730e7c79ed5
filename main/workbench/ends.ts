import type { Clock } from '../../app/base/clock.ts'
import { messageOf } from '../../app/base/errors.ts'

/** How long each part of a bench may take to end before the others go on without it, in milliseconds: together less than 3 s. */
const endWithin = { clients: 1200, broker: 800, rest: 400 }

type Stage = keyof typeof endWithin

/** What is to be ended, stage by stage; each has its time, and the next one comes whether it kept to it or not. */
export class Ends {
  readonly #clock: Clock
  readonly #log: (line: string) => void
  readonly #ends: Record<Stage, (() => Promise<unknown>)[]> = { clients: [], broker: [], rest: [] }
  /** Before all others. */
  first: () => void = () => {}
  #closing: Promise<void> | undefined

  constructor({ clock, log }: { readonly clock: Clock; readonly log: (line: string) => void }) {
    this.#clock = clock
    this.#log = log
  }

  add(stage: Stage, end: () => Promise<unknown>): void {
    this.#ends[stage].push(end)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.first()
    for (const stage of ['clients', 'broker', 'rest'] as const) {
      await Promise.all(this.#ends[stage].map((end) => this.#within(endWithin[stage], stage, end)))
    }
  }

  async #within(ms: number, stage: Stage, end: () => Promise<unknown>): Promise<void> {
    const problem = (error: unknown) => this.#log(`while the scenario's ${stage} ended: ${messageOf(error)}`)
    await new Promise<void>((resolve) => {
      const late = this.#clock.after(ms, () => {
        problem(new Error(`it takes longer than ${ms} ms`))
        resolve()
      })
      Promise.resolve()
        .then(end)
        .catch(problem)
        .finally(() => {
          late.dispose()
          resolve()
        })
    })
  }
}
