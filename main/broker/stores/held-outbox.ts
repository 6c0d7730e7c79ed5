import type { Origin } from '../../../app/mqtt/network-connection.ts'
import type { Outbox, OutboxClient } from '../engine/outbox.ts'
import type { GroupCommit } from './group-commit.ts'

/** Something for one client: a packet, or the end of its Network Connection and why. */
interface Held {
  readonly client: OutboxClient
  readonly what: Uint8Array | string
  readonly origin: Origin | undefined
}

/** Everything waits until the batch that it may rest on is written; then it goes out in the order in which it came. */
export class HeldOutbox implements Outbox {
  readonly #commit: GroupCommit
  /** What rests on the batch that is being written, and on the one that gathers. */
  #current: Held[] = []
  #next: Held[] = []
  #isReleasing = false
  #hasGivenUp = false

  constructor(commit: GroupCommit) {
    this.#commit = commit
    commit.listen({
      began: () => this.#began(),
      written: () => this.#release(),
      gaveUp: () => this.#giveUp(),
    })
  }

  get isOpen(): boolean {
    const { isGathering, isWriting } = this.#commit
    return !isGathering && !isWriting && !this.#isReleasing && !this.#hasGivenUp
  }

  write(client: OutboxClient, octets: Uint8Array, origin: Origin | undefined): void {
    this.#hold({ client, what: octets, origin })
  }

  end(client: OutboxClient, reason: string): void {
    if (this.#hasGivenUp) client.hangUp(reason)
    else this.#hold({ client, what: reason, origin: undefined })
  }

  #hold(held: Held): void {
    if (this.#hasGivenUp) return
    if (this.#commit.isGathering) this.#next.push(held)
    else this.#current.push(held)
  }

  /** What is left in `current` rests on a batch that failed, and is a part of this one now. */
  #began(): void {
    this.#current = this.#current.length === 0 ? this.#next : [...this.#current, ...this.#next]
    this.#next = []
  }

  #release(): void {
    this.#isReleasing = true
    const released = this.#current
    try {
      // What clients do at once about what they get may add to it.
      for (const { client, what, origin } of released) {
        if (typeof what === 'string') client.hangUp(what)
        else client.writeNow(what, origin)
      }
    } finally {
      this.#current = []
      this.#isReleasing = false
    }
  }

  #giveUp(): void {
    this.#hasGivenUp = true
    const all = [...this.#current, ...this.#next]
    this.#current = []
    this.#next = []
    for (const { client, what } of all) if (typeof what === 'string') client.hangUp(what)
  }
}
