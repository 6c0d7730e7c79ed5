import type { Outgoing } from '../../../app/session/outgoing.ts'

/** What a Session has sent on an earlier connection and not yet on this one, in order. */
export class Resends {
  /** The newest first. Those that were removed are in it until it is their turn. */
  #list: Outgoing[] = []
  readonly #left = new Set<Outgoing>()
  /** How many there are. */
  size = 0

  /** @param all the oldest first */
  begin(all: readonly Outgoing[]): void {
    this.#list = all.toReversed()
    this.#left.clear()
    for (const unfinished of all) this.#left.add(unfinished)
    this.size = this.#left.size
  }

  /** The oldest; it is not among them any more. */
  take(): Outgoing | undefined {
    for (let next = this.#list.pop(); next !== undefined; next = this.#list.pop()) if (this.remove(next)) return next
    return undefined
  }

  /** @returns whether it was among them */
  remove(unfinished: Outgoing): boolean {
    const was = this.#left.delete(unfinished)
    this.size = this.#left.size
    return was
  }
}
