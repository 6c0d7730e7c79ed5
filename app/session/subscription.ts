import type { QoS } from '../mqtt/control-packet.ts'
import type { SubscriptionRequest } from '../mqtt/packets.ts'

/** A Subscription as it was granted. */
export interface Subscription extends SubscriptionRequest, Match {
  /** As it was asked for, `$share/…` and all. */
  readonly filter: string
  /** The filter that topics are matched with. */
  readonly matches: string
  /** The ShareName of a Shared Subscription [MQTT 5 §4.8.2]. */
  readonly group: string | undefined
  /** Its Subscription Identifier, if it has one. */
  readonly identifiers: readonly number[] | undefined
}

/** A Shared Subscription: its ShareName and what topics are matched with. */
export interface ShareName {
  readonly group: string
  readonly matches: string
}

/** How a message goes to one Session, when all of its Subscriptions that match have been looked at; one alone is that. */
export interface Match {
  readonly qos: QoS
  /** Whether RETAIN is passed on as it was published. */
  readonly retainAsPublished: boolean
  readonly identifiers: readonly number[] | undefined
  /** Of a Shared Subscription, which is never joined with another. */
  readonly group?: string | undefined
  readonly matches?: string
}

/** The Shared Subscription that a message goes by; undefined where it goes by none. */
export function shareOf({ group, matches }: Match): ShareName | undefined {
  return group === undefined || matches === undefined ? undefined : { group, matches }
}

/** The lower of the two [MQTT-3.8.4-6, in MQTT 5 MQTT-3.8.4-8]. */
export function lowerQoS(a: QoS, b: QoS): QoS {
  return a < b ? a : b
}

/**
 * Overlapping Subscriptions: one copy, with the highest QoS of them and the Subscription Identifiers of all
 * [MQTT-3.3.4-2, MQTT-3.3.4-3, MQTT-3.3.4-4, in 3.1.1 MQTT-3.3.5-1].
 */
export function joinMatches(a: Match, b: Match): Match {
  const identifiers = a.identifiers === undefined ? b.identifiers : [...a.identifiers, ...(b.identifiers ?? [])]
  return {
    qos: a.qos > b.qos ? a.qos : b.qos,
    retainAsPublished: a.retainAsPublished || b.retainAsPublished,
    identifiers,
  }
}
