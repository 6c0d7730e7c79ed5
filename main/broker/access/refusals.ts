import { shareOf } from '../../../app/mqtt/topics.ts'
import { covers, type Levels, levelsOf } from '../../../app/session/access/filter-sets.ts'
import { matchesName } from '../../../app/session/access/name-pattern.ts'

/** Packets of clients whose answer can say no. */
export const refusedPackets = ['CONNECT', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE'] as const

export type RefusedPacket = (typeof refusedPackets)[number]

/** Refuses packets of clients on purpose: to see what they make of it. */
export interface RefusalOrder {
  /** @default CONNECT */
  readonly packet?: RefusedPacket | undefined
  /** Reason Code of MQTT 5 that the answer can have; see `broker.refuse` of the contract for 3.1.1. */
  readonly code: number
  readonly reason: string
  /** Client Identifiers, `*` is any text. @default all */
  readonly clients?: string | undefined
  /** A Topic Filter: Topic Names that match it, and Topic Filters that are no wider. Not of CONNECT. @default all */
  readonly topic?: string | undefined
  /** How many attempts. @default all, until it is taken back */
  readonly times?: number | undefined
  /** Another broker, such as `other.example:1883`: with 0x9C and 0x9D of CONNECT, in MQTT 5 [§4.11]. */
  readonly serverReference?: string | undefined
}

/** An order that stands. */
export interface StandingRefusal extends RefusalOrder {
  readonly id: number
  /** How often it has refused. */
  readonly refused: number
}

interface Entry {
  readonly order: RefusalOrder
  readonly packet: RefusedPacket
  readonly levels: Levels | undefined
  refused: number
}

/** Orders to refuse; the oldest that is about a packet counts. */
export class Refusals {
  readonly #orders = new Map<number, Entry>()
  #last = 0

  /** @returns its id, for `remove` */
  add(order: RefusalOrder): number {
    const levels = order.topic === undefined ? undefined : levelsOf(order.topic)
    this.#last++
    this.#orders.set(this.#last, { order, packet: order.packet ?? 'CONNECT', levels, refused: 0 })
    return this.#last
  }

  /** Takes one back, if it still stands. */
  remove(id: number): void {
    this.#orders.delete(id)
  }

  /** Takes back all that are about packets of one type. */
  clear(packet: RefusedPacket): void {
    for (const [id, entry] of this.#orders) if (entry.packet === packet) this.#orders.delete(id)
  }

  /** Those that stand, the oldest first. */
  list(): StandingRefusal[] {
    return [...this.#orders].map(([id, { order, refused }]) => ({ id, ...order, refused }))
  }

  /**
   * The order that this attempt has used up, if there is one.
   *
   * @param topic Topic Name, or Topic Filter as it was asked for; not of CONNECT
   */
  take(packet: RefusedPacket, clientId: string, topic = ''): RefusalOrder | undefined {
    if (this.#orders.size === 0) return undefined
    for (const [id, entry] of this.#orders) {
      if (entry.packet !== packet || !isAbout(entry, clientId, topic)) continue
      entry.refused += 1
      if (entry.refused >= (entry.order.times ?? Number.POSITIVE_INFINITY)) this.#orders.delete(id)
      return entry.order
    }
    return undefined
  }
}

function isAbout({ levels, order }: Entry, clientId: string, topic: string): boolean {
  if (!matchesName(order.clients ?? '*', clientId)) return false
  return levels === undefined || covers(levels, levelsOf(withoutShare(topic)))
}

function withoutShare(filter: string): string {
  const share = shareOf(filter)
  return typeof share === 'object' ? share.filter : filter
}
