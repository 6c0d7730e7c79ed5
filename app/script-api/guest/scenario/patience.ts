import type { Asks } from './asks.ts'

let polls = 0

/**
 * Waits for what a function of the script answers, no longer than for a time of the host's, for the guest has no timers. While
 * it waits the host knows of it as of any other call.
 */
export class Patience {
  readonly #asks: Asks
  readonly #poll = ++polls
  #late = false
  #giveUp: () => void = () => {}

  /** @param ms for all that is asked. @param stack where the call stands that asks */
  constructor(asks: Asks, matcher: string, ms: number, stack: string | undefined) {
    this.#asks = asks
    asks
      .ask(
        () => ({ do: 'poll', poll: this.#poll, matcher, ms }),
        (answer) => (answer as { late: boolean } | undefined)?.late === true,
        stack,
      )
      .then(
        (late) => {
          this.#late = late
          if (late) this.#giveUp()
        },
        // Of what is asked itself the script hears.
        () => {},
      )
  }

  /** Its answer; undefined where there is no time left for it. */
  for(ask: () => unknown): Promise<{ readonly value: unknown } | undefined> {
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(undefined)
      if (this.#late) this.#giveUp()
      else Promise.resolve(ask()).then((value) => resolve({ value }), reject)
    })
  }

  /** Nothing more is asked. */
  end(): void {
    if (!this.#late) this.#asks.tell({ do: 'end poll', poll: this.#poll })
  }
}
