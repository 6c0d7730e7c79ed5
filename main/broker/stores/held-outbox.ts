import type { Origin } from '../../../app/mqtt/network-connection.ts'
import type { Outbox, OutboxClient } from '../engine/outbox.ts'
import type { GroupCommit } from './group-commit.ts'
import type { StoreHealth } from './store-health.ts'

/** Octets that may wait, for the store and for clients, before nothing more is read from clients. */
const mostWaiting = 16 * 1024 * 1024

/** How long the store may fail before clients are sent away, in seconds: mostly it is back by then. */
const patience = 2

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
  readonly #most: number
  /** Of packets that are held. */
  #octets = 0
  #forRoom: (() => void)[] = []
  #fullTimes = 0

  /** @param most octets that may wait before it is full */
  constructor(commit: GroupCommit, most = mostWaiting) {
    this.#commit = commit
    this.#most = most
    commit.listen({
      began: () => this.#began(),
      written: () => this.#release(),
      gaveUp: () => this.#giveUp(),
      forgot: () => this.#drop(),
    })
  }

  get isOpen(): boolean {
    const { isGathering, isWriting } = this.#commit
    return !isGathering && !isWriting && !this.#isReleasing && !this.#hasGivenUp
  }

  get isFull(): boolean {
    return this.#octets + this.#commit.octets > this.#most && !this.#hasGivenUp
  }

  get isFailing(): boolean {
    return this.#commit.health.failingFor > patience
  }

  get health(): StoreHealth {
    const waiting = this.#octets + this.#commit.octets
    return { ...this.#commit.health, waiting, fullTimes: this.#fullTimes }
  }

  whenRoom(goOn: () => void): void {
    this.#forRoom.push(goOn)
    if (this.#forRoom.length > 1) return
    this.#fullTimes++
    // What is only a moment's work for the store is not worth a word.
    if (this.#commit.health.isFailing) this.#commit.sayFull(this.#octets + this.#commit.octets)
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
    this.#octets += octetsOf(held)
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
      this.#octets = this.#next.reduce((octets, held) => octets + octetsOf(held), 0)
    }
    this.#makeRoom()
  }

  #makeRoom(): void {
    if (this.isFull) return
    for (const goOn of this.#forRoom.splice(0)) goOn()
  }

  #giveUp(): void {
    this.#hasGivenUp = true
    this.#drop()
  }

  /** Packets are not sent any more. */
  #drop(): void {
    const all = [...this.#current, ...this.#next]
    this.#current = []
    this.#next = []
    this.#octets = 0
    this.#makeRoom()
    for (const { client, what } of all) if (typeof what === 'string') client.hangUp(what)
  }
}

function octetsOf({ what }: Held): number {
  return what.length
}
