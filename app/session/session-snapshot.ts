import type { QoS } from '../mqtt/control-packet.ts'

export interface SubscriptionSnapshot {
  readonly filter: string
  /** The QoS that the broker granted. */
  readonly qos: QoS
}

/**
 * The Will Message of a Session, and what became of it. A will goes with the Network Connection that brought it, so
 * what is shown is that of the newest connection.
 */
export interface WillSnapshot {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly state: 'armed' | 'published' | 'dropped'
  /** Why it was published or dropped, in words; undefined while it is armed. */
  readonly reason: string | undefined
  /** Wall time of the last change of state, in milliseconds since 1970. */
  readonly since: number
}

/** A Session as the broker holds it. */
export interface SessionSnapshot {
  readonly clientId: string
  readonly connected: boolean
  /** The Network Connection it is, or was last, served over; 0 when none is known. */
  readonly connection: number
  /** Wall time of the last CONNECT or loss, in milliseconds since 1970. */
  readonly since: number
  readonly protocolVersion: number
  /** Clean Session (3.1.1) or Clean Start (5) of the last CONNECT. */
  readonly clean: boolean
  /** What the last CONNACK said. */
  readonly sessionPresent: boolean
  /** In seconds; 0 is off. */
  readonly keepAlive: number
  readonly subscriptions: readonly SubscriptionSnapshot[]
  readonly will: WillSnapshot | undefined
  /** Messages that wait because the client is not connected, those included that were sent and not acknowledged. */
  readonly queued: number
}
