import type { TrackedMessage } from './tracked-message.ts'

/** Of all payloads together no more than this is kept. */
const mostOctets = 64 * 1024 * 1024
/** Of all messages together no more steps than so many for each that may be kept. */
const stepsEach = 20

/** The Messages that are kept, within bounds. The oldest that are finished go first. */
export class MessageStore {
  readonly #most: number
  readonly #onForgotten: (message: TrackedMessage) => void
  /** By number, the oldest first. */
  readonly #messages = new Map<number, TrackedMessage>()
  #changed: TrackedMessage[] = []
  /** Those that are gone since the last time, as far as somebody was told of them. */
  #gone: number[] = []
  #total = 0
  #forgotten = 0
  #octets = 0
  #steps = 0
  /** Where the search for one that is finished goes on, and how often it is not worth it yet. */
  #search: Iterator<TrackedMessage> | undefined
  #passed = 0
  #fruitless = 0

  constructor(most: number, onForgotten: (message: TrackedMessage) => void) {
    this.#most = Math.max(1, most)
    this.#onForgotten = onForgotten
  }

  get total(): number {
    return this.#total
  }

  get forgotten(): number {
    return this.#forgotten
  }

  /** The number for the next Message. */
  get next(): number {
    return this.#total + 1
  }

  get(id: number): TrackedMessage | undefined {
    return this.#messages.get(id)
  }

  /** The oldest first. */
  all(): Iterable<TrackedMessage> {
    return this.#messages.values()
  }

  /**
   * The newest first, at most so many, of those with a number below `before`. Whoever asks is told when one is forgotten.
   */
  newest(limit: number, before = Number.POSITIVE_INFINITY): TrackedMessage[] {
    const all = [...this.#messages.values()]
    const end = all.findLastIndex(({ id }) => id < before) + 1
    const newest = limit < 1 ? [] : all.slice(Math.max(0, end - limit), end).reverse()
    for (const message of newest) message.told = true
    return newest
  }

  /** The newest that is wanted. */
  findNewest(wanted: (message: TrackedMessage) => boolean): TrackedMessage | undefined {
    let found: TrackedMessage | undefined
    for (const message of this.#messages.values()) if (wanted(message)) found = message
    return found
  }

  /** Takes a Message with the number `next`. */
  add(message: TrackedMessage): void {
    this.#total += 1
    this.#messages.set(message.id, message)
    this.#octets += message.payload.length
    this.touch(message)
  }

  /** It has changed. */
  touch(message: TrackedMessage): void {
    message.touch()
    if (message.changed) return
    message.changed = true
    this.#changed.push(message)
    if (this.#changed.length <= 2 * this.#most + 1000) return
    this.#changed = this.#changed.filter(({ forgotten }) => !forgotten)
  }

  /** The newest of those that have changed, at most so many: the others are kept for the next time. */
  takeChanges(limit: number): { changed: number[]; forgotten: number[] } {
    const pending = this.#changed.filter(({ forgotten }) => !forgotten).sort((a, b) => a.id - b.id)
    const taken = pending.splice(Math.max(0, pending.length - Math.max(0, limit))).reverse()
    this.#changed = pending
    for (const message of taken) {
      message.changed = false
      message.told = true
    }
    const forgotten = this.#gone
    this.#gone = []
    return { changed: taken.map(({ id }) => id), forgotten }
  }

  countSteps(more: number): void {
    this.#steps += more
  }

  /** Lets go of what is too much. */
  shrink(): void {
    while (this.#isFull()) {
      const message = this.#findFinished() ?? this.#oldest()
      if (message === undefined) return
      this.#forget(message)
    }
  }

  #isFull(): boolean {
    return (
      this.#messages.size > this.#most ||
      this.#octets > mostOctets ||
      this.#steps > stepsEach * Math.max(100, this.#most)
    )
  }

  /**
   * The oldest that is finished, found by going on where the last search ended: those before are under way. Where half of
   * all are under way, the oldest ones go for a while without a search: it must not cost more than it is worth, and what
   * never ends must not leave no room for what is new.
   */
  #findFinished(): TrackedMessage | undefined {
    if (this.#fruitless > 0) {
      this.#fruitless -= 1
      return undefined
    }
    const half = this.#messages.size / 2
    for (let rounds = 0; rounds < 2; rounds++) {
      this.#search ??= this.#messages.values()
      for (let next = this.#search.next(); !next.done; next = this.#search.next()) {
        if (next.value.expendable) return next.value
        this.#passed += 1
        if (this.#passed > half) break
      }
      this.#search = undefined
      if (this.#passed > half) break
      this.#passed = 0
    }
    this.#passed = 0
    this.#fruitless = Math.ceil(half / 2)
    return undefined
  }

  #oldest(): TrackedMessage | undefined {
    for (const message of this.#messages.values()) return message
    return undefined
  }

  #forget(message: TrackedMessage): void {
    this.#messages.delete(message.id)
    message.forgotten = true
    this.#forgotten += 1
    this.#octets -= message.payload.length
    if (message.told) this.#gone.push(message.id)
    for (const exchange of message.exchanges) {
      this.#steps -= exchange.rungs.length
      exchange.leaveHome()
    }
    this.#onForgotten(message)
  }
}
