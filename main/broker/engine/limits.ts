/** What to do with a message for a client whose queue is full. */
export const queuePolicies = ['drop oldest', 'drop newest', 'disconnect'] as const

export type QueuePolicy = (typeof queuePolicies)[number]

/** What the engine allows. Times are in milliseconds, sizes in octets. */
export interface Limits {
  /** Time in which CONNECT has to come whole after the Network Connection [MQTT 3.1.1 §3.1]. */
  readonly connectTimeout: number
  /** Network Connections at a time that have sent CONNECT. */
  readonly maxConnections: number
  /** Of a whole Control Packet, either way; larger ones that arrive end the connection. */
  readonly maxPacketSize: number
  /** Unfinished handshakes towards one client; its own Receive Maximum may be lower. 1 to 65,535. */
  readonly maxInflight: number
  /** Unfinished handshakes from one client of MQTT 5, told it as Receive Maximum. 1 to 65,535. */
  readonly receiveMaximum: number
  /** Topic Aliases that one client of MQTT 5 may set. 0 to 65,535. */
  readonly topicAliasMaximum: number
  /** Messages that wait for one Session, and their octets. */
  readonly maxQueued: number
  readonly maxQueuedOctets: number
  readonly queuePolicy: QueuePolicy
  /** The longest that a Session is kept without its client, in seconds; clients of MQTT 5 are told. */
  readonly maxSessionExpiry: number
  /** The longest Keep Alive in seconds; clients of MQTT 5 are told, 0 is no limit. */
  readonly maxKeepAlive: number
  /** The highest QoS that clients may use. */
  readonly maxQoS: 0 | 1 | 2
  readonly retainAvailable: boolean
}

export const defaultLimits: Limits = {
  connectTimeout: 10_000,
  maxConnections: 100_000,
  maxPacketSize: 268_435_460,
  maxInflight: 1000,
  receiveMaximum: 1000,
  topicAliasMaximum: 100,
  maxQueued: 1_000_000,
  maxQueuedOctets: 64 * 1024 * 1024,
  queuePolicy: 'drop oldest',
  maxSessionExpiry: Number.POSITIVE_INFINITY,
  maxKeepAlive: 0,
  maxQoS: 2,
  retainAvailable: true,
}

/** New values for some of them. */
export type LimitChange = { readonly [K in keyof Limits]?: Limits[K] | undefined }

/** Changes the limits in place. @returns the same */
export function changeLimits(limits: Limits, change: LimitChange): Limits {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.assign(limits, Object.fromEntries(given))
}
