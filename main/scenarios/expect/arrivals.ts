import type { SeenMessage } from '../../../app/scenario/match-message.ts'
import type { ArrivedMessage } from '../bench.ts'

/** So many messages are kept of each who receives them, and so many octets of their payloads. */
export const mostKept = { messages: 100_000, octets: 64 * 1024 * 1024 }

/** A message, and when it came. */
export interface Arrival {
  readonly message: SeenMessage
  /** Monotonic time in nanoseconds. */
  readonly at: number
}

/** What has arrived at one client or device, the oldest first. */
export class ArrivalLog {
  readonly #kept: Arrival[] = []
  readonly #startedAt: number
  #first = 0
  #forgotten = 0
  #octets = 0

  /** @param startedAt monotonic time in nanoseconds that counts as 0 where people are told */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  /** When it came, as a report has it, such as `0.812 s`. */
  timeOf(number: number): string {
    const at = this.at(number)?.at ?? this.#startedAt
    return `${((at - this.#startedAt) / 1e9).toFixed(3)} s`
  }

  /** The number that the next one will have; the first has 0. */
  get next(): number {
    return this.#forgotten + this.#kept.length - this.#first
  }

  /** The number of the oldest that is kept. */
  get oldest(): number {
    return this.#forgotten
  }

  at(number: number): Arrival | undefined {
    return number < this.#forgotten ? undefined : this.#kept[this.#first + number - this.#forgotten]
  }

  add({ dup, payload, properties = {}, qos, retain, topic }: ArrivedMessage, at: number): void {
    this.#kept.push({ message: { topic, payload, qos, retain, dup, properties }, at })
    this.#octets += payload.length
    while (this.#isFull) this.#forget()
  }

  /** The newest is kept however large it is. */
  get #isFull(): boolean {
    const count = this.next - this.#forgotten
    return count > mostKept.messages || (this.#octets > mostKept.octets && count > 1)
  }

  #forget(): void {
    this.#octets -= this.#kept[this.#first]?.message.payload.length ?? 0
    this.#first += 1
    this.#forgotten += 1
    // Not with every one: that would move all of them each time.
    if (this.#first >= 1024) this.#kept.splice(0, this.#first)
    if (this.#first >= 1024) this.#first = 0
  }
}

/** What an expectation looks at: some of what has arrived, as numbers of the log. */
export interface Source {
  readonly log: ArrivalLog
  /** The first number that counts. */
  readonly from: number
  belongs(message: Pick<SeenMessage, 'topic'>): boolean
  /** What earlier expectations have received. */
  readonly taken: Set<number>
}
