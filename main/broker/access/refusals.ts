import { type Disposable, toDisposable } from '../../../app/base/disposable.ts'
import { matchesName } from '../../../app/session/access/name-pattern.ts'

/** Refuses clients on purpose: to see what they make of it. */
export interface RefusalOrder {
  /** Reason Code of MQTT 5, 0x80 to 0xFF; 3.1.1 is told the Return Code that is next to it. */
  readonly code: number
  readonly reason: string
  /** Client Identifiers, `*` is any text. @default all */
  readonly clients?: string | undefined
  /** How many attempts. @default all, until it is taken back */
  readonly times?: number | undefined
  /** Another broker, such as `other.example:1883`: with 0x9C and 0x9D, in MQTT 5 [§4.11]. */
  readonly serverReference?: string | undefined
}

/** Orders to refuse; the oldest that is about a client counts. */
export class Refusals {
  readonly #orders = new Set<{ readonly order: RefusalOrder; left: number }>()

  /** Until the result is disposed. */
  add(order: RefusalOrder): Disposable {
    const entry = { order, left: order.times ?? Number.POSITIVE_INFINITY }
    this.#orders.add(entry)
    return toDisposable(() => this.#orders.delete(entry))
  }

  /** The order that this attempt has used up, if there is one. */
  take(clientId: string): RefusalOrder | undefined {
    for (const entry of this.#orders) {
      if (!matchesName(entry.order.clients ?? '*', clientId)) continue
      entry.left -= 1
      if (entry.left <= 0) this.#orders.delete(entry)
      return entry.order
    }
    return undefined
  }
}
