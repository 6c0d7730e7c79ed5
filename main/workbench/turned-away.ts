/** So many are named beside a reason. */
const mostNames = 3

/** Says why clients of a scenario did not get in: each reason once, and in the end how often it was and who it was. */
export class TurnedAway {
  readonly #log: (line: string) => void
  readonly #reasons = new Map<string, { times: number; readonly others: Set<string> }>()

  constructor(log: (line: string) => void) {
    this.#log = log
  }

  /** @param who such as `pump-01 at 127.0.0.1:40001` */
  add(who: string, reason: string): void {
    const name = who.replace(/ at \S+$/, '')
    const before = this.#reasons.get(reason)
    if (before !== undefined) {
      before.times += 1
      if (before.others.size <= mostNames) before.others.add(name)
      return
    }
    this.#reasons.set(reason, { times: 0, others: new Set() })
    this.#log(`${who} did not get in: ${reason}`)
  }

  /** Tells how often each was, where it was more than once. */
  end(): void {
    for (const [reason, { others, times }] of this.#reasons) {
      if (times === 0) continue
      const names = [...others].slice(0, mostNames).join(', ')
      const more = others.size > mostNames ? ' and others' : ''
      this.#log(`${times === 1 ? 'once' : `${times} times`} more it was ${names}${more}: ${reason}`)
    }
    this.#reasons.clear()
  }
}
