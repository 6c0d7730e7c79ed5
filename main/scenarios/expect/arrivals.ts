import type { SeenMessage } from '../../../app/scenario/match-message.ts'
import type { ArrivedMessage } from '../bench.ts'

/** So many messages are kept of each who receives them, and so many octets of their payloads. */
const mostKept = { messages: 100_000, octets: 64 * 1024 * 1024 }

/** A message, and when it came. */
export interface Arrival {
  readonly message: SeenMessage
  /** Monotonic time in nanoseconds. */
  readonly at: number
}

/** What has arrived at one client or device, the oldest first. */
export class ArrivalLog {
  readonly #kept: Arrival[] = []
  #first = 0
  #forgotten = 0
  #octets = 0

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
    while (this.next - this.#forgotten > mostKept.messages || this.#octets > mostKept.octets) this.#forget()
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
  belongs(message: SeenMessage): boolean
  /** What earlier expectations have received. */
  readonly taken: Set<number>
}
