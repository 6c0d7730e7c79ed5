import type { PacketSummary } from '../mqtt/summary.ts'
import type { Observed } from './replay-observation.ts'

/** In which way what came then and what comes now differ, see `Difference`. */
type Kind = 'missing' | 'extra' | 'changed' | 'order'

/** Which differences of one connection stem from faults of the recording. */
export interface FaultExcuses {
  /** Why there is such a difference about this; each fault explains so many as it has made. Undefined where none has. */
  take(kind: Kind, observed: Pick<Observed, 'identity'>): string | undefined
  /** As `take`, and it can be asked again. */
  look(kind: Kind, observed: Pick<Observed, 'identity'>): string | undefined
}

/** No faults. */
export const noFaults: FaultExcuses = { take: () => undefined, look: () => undefined }

/** Stands for every connection. */
const anyone = 0

/** What faults had to do with packets when a recording was made, as far as it makes a difference to a run without them. */
export class ReplayFaults {
  /** Reasons, by difference; each of them up to so many, counted with those before it. */
  readonly #reasons = new Map<string, { readonly reason: string; upTo: number }[]>()
  /** What is sent again because of a fault, by client, type and Packet Identifier. */
  readonly #again = new Set<string>()

  /** For one comparison. */
  excusesOf(connection: number): FaultExcuses {
    /** Of each key: how many have been taken, and the first reason that is not used up by them. */
    const places = new Map<string, { used: number; at: number }>()
    const keysOf = (kind: Kind, { identity }: Pick<Observed, 'identity'>) => [
      keyOf(kind, connection, identity),
      keyOf(kind, anyone, identity),
    ]
    const placeOf = (key: string) => {
      const place = places.get(key) ?? { used: 0, at: 0 }
      places.set(key, place)
      return place
    }
    const look = (key: string): string | undefined => {
      const reasons = this.#reasons.get(key)
      if (reasons === undefined) return undefined
      const place = placeOf(key)
      while ((reasons[place.at]?.upTo ?? Number.POSITIVE_INFINITY) <= place.used) place.at += 1
      return reasons[place.at]?.reason
    }
    return {
      look: (kind, observed) =>
        keysOf(kind, observed)
          .map(look)
          .find((reason) => reason !== undefined),
      take: (kind, observed) => {
        const key = keysOf(kind, observed).find((each) => look(each) !== undefined)
        if (key === undefined) return undefined
        const reason = look(key)
        placeOf(key).used += 1
        return reason
      },
    }
  }

  /** A packet to a client did not come. @param client who goes on with its Session on another connection */
  lost(connection: number, client: string, observed: Observed, packetId: number | undefined): void {
    this.#add('extra', connection, observed.identity, 'it was dropped by a fault then')
    if (observed.type === 'PUBLISH' || observed.type === 'PUBREL') this.#sendsAgain(client, observed.type, packetId)
  }

  /** A packet to a client came as another one. */
  altered(connection: number, original: Observed, came: Observed): void {
    const reason = 'it was changed by a fault then'
    this.#add('extra', connection, original.identity, reason)
    for (const kind of ['missing', 'changed'] as const) this.#add(kind, connection, came.identity, reason)
  }

  /** A packet to a client came so often. */
  multiplied(connection: number, observed: Observed, copies: number): void {
    this.#add('missing', connection, observed.identity, 'a fault sent it more than once then', copies - 1)
  }

  /** A packet to a client came late. */
  delayed(connection: number, observed: Observed): void {
    this.#add('order', connection, observed.identity, 'it was delayed by a fault then')
  }

  /** Something has come to a client: it is no surprise where it was sent again because of a fault. */
  came(connection: number, client: string, observed: Observed, packetId: number | undefined): void {
    const isAgain = observed.type === 'PUBREL' || observed.details['DUP'] === '1'
    if (!isAgain || !this.#again.has(againKey(client, observed.type, packetId))) return
    for (const kind of ['missing', 'changed'] as const) {
      this.#add(kind, connection, observed.identity, 'it was sent again because of a fault then')
    }
  }

  /**
   * A packet of a client did not reach the broker.
   *
   * @param identity of the message, where it is a PUBLISH, or of the one that a PUBREC is about
   */
  unheard(connection: number, client: string, { packetId, type }: PacketSummary, identity: string | undefined): void {
    if (type === 'PUBLISH' && identity !== undefined) {
      this.#add('extra', anyone, identity, 'its PUBLISH was dropped by a fault then')
    }
    for (const answer of answersTo(type, packetId)) {
      this.#add('extra', connection, answer, 'what it answers was dropped by a fault then')
    }
    if (type === 'PUBACK' || type === 'PUBREC') this.#sendsAgain(client, 'PUBLISH', packetId)
    if (type === 'PUBREC' || type === 'PUBCOMP') this.#sendsAgain(client, 'PUBREL', packetId)
    if (type === 'PUBREC' && identity !== undefined) {
      this.#add('extra', connection, identity, 'what it answers was dropped by a fault then')
    }
  }

  /** A message of a client reached the broker as another one. */
  misheard(identity: string): void {
    this.#add('extra', anyone, identity, 'its PUBLISH was changed by a fault then')
  }

  /** A packet of a client reached the broker so often. */
  heardOften(connection: number, summary: PacketSummary, identity: string | undefined, copies: number): void {
    const { packetId, type } = summary
    const reason = 'a fault sent what it comes of more than once then'
    if (type === 'PUBLISH' && identity !== undefined) this.#add('missing', anyone, identity, reason, copies - 1)
    for (const answer of answersTo(type, packetId)) this.#add('missing', connection, answer, reason, copies - 1)
  }

  /** A message of a client reached the broker late. */
  heardLate(identity: string): void {
    this.#add('order', anyone, identity, 'its PUBLISH was delayed by a fault then')
  }

  #sendsAgain(client: string, type: 'PUBLISH' | 'PUBREL', packetId: number | undefined): void {
    this.#again.add(againKey(client, type, packetId))
  }

  #add(kind: Kind, connection: number, identity: string, reason: string, times = 1): void {
    const key = keyOf(kind, connection, identity)
    const reasons = this.#reasons.get(key) ?? []
    this.#reasons.set(key, reasons)
    const last = reasons.at(-1)
    if (last?.reason === reason) last.upTo += times
    else reasons.push({ reason, upTo: (last?.upTo ?? 0) + times })
  }
}

function keyOf(kind: Kind, connection: number, identity: string): string {
  return `${kind} ${connection} ${identity}`
}

function againKey(client: string, type: Observed['type'], packetId = 0): string {
  return `${client} ${type} ${packetId}`
}

/** Identities of what a broker answers, as `ReplayObserver` has them. */
function answersTo(type: PacketSummary['type'], packetId: number | undefined): readonly string[] {
  switch (type) {
    case 'CONNECT':
      return ['CONNACK']
    case 'PINGREQ':
      return ['PINGRESP']
    case 'PUBLISH':
      return packetId === undefined ? [] : [`PUBACK ${packetId}`, `PUBREC ${packetId}`, `PUBCOMP ${packetId}`]
    case 'PUBREL':
      return [`PUBCOMP ${packetId}`]
    case 'SUBSCRIBE':
      return [`SUBACK ${packetId}`]
    case 'UNSUBSCRIBE':
      return [`UNSUBACK ${packetId}`]
    default:
      return []
  }
}

/** Whether a difference comes from a fault of the time of the recording, by what is said of it: see the reasons above. */
export function isOfFault(because: string | undefined): boolean {
  return because !== undefined && /\bfault\b.*\bthen$/.test(because)
}
