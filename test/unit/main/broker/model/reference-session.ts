import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { Version } from '../../../../helpers/mqtt-octets.ts'
import { type Came, propertyValues } from '../../../../helpers/mqtt-reading.ts'
import type { ModelLink } from './model-link.ts'
import { demand, type Filter, type Message, type Will } from './model-words.ts'
import { naivelyMatches } from './naive-matching.ts'

export interface Granted extends Filter {
  readonly identifier: number | undefined
}

/** A message that a Session is to get. */
export interface Copy {
  readonly message: Message
  readonly qos: QoS
  readonly retain: boolean
  readonly identifiers: readonly number[]
}

/** By which messages are counted on both sides. */
export function countedAs(key: string, qos: QoS): string {
  return `${key} at QoS ${qos}`
}

/** A Session as it has to be. */
export class ReferenceSession {
  readonly clientId: string
  /** Tells it from others of the same client. */
  readonly incarnation: number
  readonly subscriptions = new Map<string, Granted>()
  /** QoS 2 from the client that was not released. */
  readonly incoming = new Set<number>()
  /** What was not sent yet, in the order in which it came. */
  readonly unsent: Copy[] = []
  /** What was sent and is not finished, in the order in which it has to be sent again. */
  readonly inflight = new Map<number, { readonly copy: Copy; released: boolean }>()
  /** How often each message is to reach the client. */
  readonly due = new Map<string, number>()
  /** And how often more, because the client forgot that it has it. */
  readonly tolerated = new Map<string, number>()
  expiry = 0
  expiresAt = Number.POSITIVE_INFINITY
  link: ModelLink | undefined
  will: Will | undefined
  willAt = Number.POSITIVE_INFINITY

  constructor(clientId: string, incarnation: number) {
    this.clientId = clientId
    this.incarnation = incarnation
  }

  /** A message was published: one copy for all Subscriptions that match [MQTT-3.3.5-1]. */
  offer(message: Message): void {
    const matching = [...this.subscriptions.values()].filter(
      ({ filter, noLocal }) =>
        naivelyMatches(filter, message.topic) && !(noLocal && message.publisher === this.clientId),
    )
    if (matching.length === 0) return
    const granted = Math.max(...matching.map(({ qos }) => qos)) as QoS
    const retain = message.retain && matching.some(({ retainAsPublished }) => retainAsPublished)
    this.#add(message, granted, retain, matching)
  }

  offerRetained(message: Message, subscription: Granted): void {
    if (subscription.noLocal && message.publisher === this.clientId) return
    this.#add(message, subscription.qos, true, [subscription])
  }

  #add(message: Message, granted: QoS, retain: boolean, matching: readonly Granted[]): void {
    const qos = Math.min(message.qos, granted) as QoS
    // QoS 0 is not kept for those who are away; nothing is where the Session ends with its connection.
    if (this.link === undefined && (qos === 0 || this.expiry === 0)) return
    const identifiers = matching.flatMap(({ identifier }) => (identifier === undefined ? [] : [identifier])).sort()
    this.unsent.push({ message, qos, retain, identifiers })
    const key = countedAs(message.key, qos)
    this.due.set(key, (this.due.get(key) ?? 0) + 1)
  }

  /** The client has it, has not said so to the end, and has forgotten it. */
  tolerate({ message, qos }: Copy): void {
    const key = countedAs(message.key, qos)
    this.tolerated.set(key, (this.tolerated.get(key) ?? 0) + 1)
  }

  /**
   * The broker sends a message for the first time: it has to be one that is due, and no earlier one of its kind waits.
   *
   * @param version of the connection: one of 3.1.1 that is late may go on with a Session that one of MQTT 5 began, and has
   * no place for the identifiers of its Subscriptions
   */
  sent(came: Came, topic: string, version: Version): Copy {
    const key = keyOf(came)
    const identifiers = propertyValues(came, 'subscriptionIdentifier').sort().join()
    const at = this.unsent.findIndex(
      ({ identifiers: wanted, message, qos, retain }) =>
        message.key === key &&
        message.topic === topic &&
        qos === came.qos &&
        retain === came.retain &&
        (version === 5 ? wanted.join() : '') === identifiers,
    )
    const [copy] = at < 0 ? [] : this.unsent.splice(at, 1)
    demand(
      copy !== undefined,
      () => `${this.clientId} is sent '${key}' of ${topic}, which is not due: ${this.told(came, identifiers)}`,
    )
    demand(copy.message.payload.equals(came.payload), () => `the payload of '${key}' has changed`)
    for (let before = at - 1; before >= 0; before--) this.#overtaken(before, copy)
    return copy
  }

  /** QoS 0 that was overtaken is lost; what is more may not be overtaken [MQTT-4.6.0-5, MQTT-4.6.0-6]. */
  #overtaken(at: number, by: Copy): void {
    const { message, qos, retain } = this.unsent[at] as Copy
    const isSame = message.publisher === by.message.publisher && message.topic === by.message.topic
    if (!isSame || qos !== by.qos || retain !== by.retain) return
    demand(qos === 0, () => `'${by.message.key}' goes to ${this.clientId} before '${message.key}': order, or loss`)
    this.unsent.splice(at, 1)
  }

  told(came: Came, identifiers: string): string {
    const waiting = this.unsent.slice(0, 8).map((copy) => {
      const { identifiers, message, qos, retain } = copy
      return `'${message.key}' of ${message.topic} q${qos}${retain ? ' RETAIN' : ''} [${identifiers}]`
    })
    const how = `q${came.qos}${came.retain ? ' RETAIN' : ''} id ${came.packetId} [${identifiers}]`
    return `${how}; due: ${waiting.join(', ') || 'nothing'}`
  }
}

/** The key of a message, out of its payload. */
export function keyOf({ payload }: Came): string {
  if (payload.length === 0) return 'clear'
  const end = payload.indexOf(10)
  return payload.subarray(0, end < 0 ? payload.length : end).toString()
}
