import { mostPacketOctets } from '../../../app/mqtt/packets.ts'

/** What to do with a message for a client whose queue is full. */
const queuePolicies = ['drop oldest', 'drop newest', 'disconnect'] as const

export type QueuePolicy = (typeof queuePolicies)[number]

/**
 * Octets of a CONNECT, where `maxPacketSize` is not less: its fields have 65,535 each, and nobody knows who it is from.
 */
export const mostConnectOctets = 1024 * 1024

/** What the engine allows. Times are in milliseconds, sizes in octets. */
export interface Limits {
  /** Time in which CONNECT has to come whole after the Network Connection [MQTT 3.1.1 §3.1]. */
  readonly connectTimeout: number
  /** Network Connections at a time that have sent CONNECT. */
  readonly maxConnections: number
  /** Of a whole Control Packet that comes; larger ones end the connection. What a client is sent is for the client to say. */
  readonly maxPacketSize: number
  /** Unfinished handshakes towards one client; its own Receive Maximum may be lower. 1 to 65,535. */
  readonly maxInflight: number
  /** Unfinished handshakes from one client of MQTT 5, told it as Receive Maximum. 1 to 65,535. */
  readonly receiveMaximum: number
  /** Topic Aliases that one client of MQTT 5 may set. 0 to 65,535. */
  readonly topicAliasMaximum: number
  /** Messages that wait for one Session, and their octets: payload, topic, properties and 200 for each. */
  readonly maxQueued: number
  readonly maxQueuedOctets: number
  /** Octets of what waits for all Sessions together, counted for each of them. */
  readonly maxAllQueuedOctets: number
  readonly queuePolicy: QueuePolicy
  /** The longest that a Session is kept without its client, in seconds; clients of MQTT 5 are told. */
  readonly maxSessionExpiry: number
  /** The longest Keep Alive in seconds; clients of MQTT 5 are told, 0 is no limit. */
  readonly maxKeepAlive: number
  /** The highest QoS that clients may use. */
  readonly maxQoS: 0 | 1 | 2
  readonly retainAvailable: boolean
  /** Retained messages, and their octets: payload, topic, properties, and 200 for each and for each level of topics. */
  readonly maxRetained: number
  readonly maxRetainedOctets: number
  /** Levels of a Topic Name, and of a Topic Filter. 1 to 65,536; a filter has 4,096 at most. */
  readonly maxTopicLevels: number
  /** Subscriptions of one Session. */
  readonly maxSubscriptions: number
}

export const defaultLimits: Limits = {
  connectTimeout: 10_000,
  maxConnections: 100_000,
  maxPacketSize: mostPacketOctets,
  maxInflight: 1000,
  receiveMaximum: 1000,
  topicAliasMaximum: 100,
  maxQueued: 1_000_000,
  maxQueuedOctets: 64 * 1024 * 1024,
  maxAllQueuedOctets: 1024 * 1024 * 1024,
  queuePolicy: 'drop oldest',
  maxSessionExpiry: Number.POSITIVE_INFINITY,
  maxKeepAlive: 0,
  maxQoS: 2,
  retainAvailable: true,
  maxRetained: 1_000_000,
  maxRetainedOctets: 512 * 1024 * 1024,
  maxTopicLevels: 4096,
  maxSubscriptions: 100_000,
}

/** New values for some of them. */
export type LimitChange = { readonly [K in keyof Limits]?: Limits[K] | undefined }

/** Changes the limits in place. @returns the same */
export function changeLimits(limits: Limits, change: LimitChange): Limits {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.assign(limits, Object.fromEntries(given))
}
