import type { Outcome } from '../../../app/script-api/crossing.ts'
import type { Meter } from '../meter.ts'

/** Counts what a device publishes, and how long each handshake takes. */
export class PublishedCalls {
  readonly #meter: Meter
  readonly #now: () => number
  /** Calls of QoS 1 and 2 that have no outcome, and when they were made. */
  readonly #open = new Map<number, number>()

  /** @param now milliseconds, monotonic */
  constructor(meter: Meter, now: () => number) {
    this.#meter = meter
    this.#now = now
  }

  asked(call: number, qos: 0 | 1 | 2): void {
    this.#meter.published()
    // Without a time at QoS 0, which has no acknowledgement.
    this.#open.set(call, qos === 0 ? Number.NaN : this.#now())
  }

  settled(call: number, { type }: Outcome): void {
    const at = this.#open.get(call)
    if (at === undefined) return
    this.#open.delete(call)
    if (type === 'done') this.#meter.acknowledged(Number.isNaN(at) ? undefined : this.#now() - at)
    else if (type === 'refused') this.#meter.failed('a message was refused')
  }
}
