import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import type { SenderState } from '../qos/sender.ts'

export interface SubscriptionSnapshot {
  /** As the client asked for it, with `$share/…`. */
  readonly filter: string
  /** The QoS that the broker granted. */
  readonly qos: QoS
  /** The options of MQTT 5; in 3.1.1 what they are where they are absent. */
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
  readonly identifier: number | undefined
}

/**
 * - `armed`: it is published if the Network Connection ends in any way but by DISCONNECT
 * - `delayed`: the Network Connection has ended so, and the Will Delay Interval runs
 * - `published`, or `dropped`: the client disconnected in order, or nobody may publish it
 * - `cancelled`: the client was back before the Will Delay Interval had passed [MQTT-3.1.3-9]
 */
export type WillState = 'armed' | 'delayed' | 'published' | 'dropped' | 'cancelled'

/**
 * The Will Message of a Session, and what became of it. A will goes with the Network Connection that brought it, so
 * what is shown is that of the newest connection.
 */
export interface WillSnapshot {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  /** Will Delay Interval in seconds. */
  readonly delay: number
  /** Seconds after which it expires once it is published. */
  readonly messageExpiryInterval?: number | undefined
  readonly contentType?: string | undefined
  readonly state: WillState
  /** Why it is so, in words; undefined while it is armed. */
  readonly reason: string | undefined
  /** Wall time of the last change of state, in milliseconds since 1970. */
  readonly since: number
  /** Wall time at which it is published, where it is delayed. */
  readonly until: number | undefined
}

/** A Session as the broker holds it. */
export interface SessionSnapshot {
  readonly clientId: string
  readonly connected: boolean
  /** The Network Connection it is, or was last, served over; 0 when none is known. */
  readonly connection: number
  /** Wall time of the last CONNECT or loss, or of its end, in milliseconds since 1970. */
  readonly since: number
  readonly protocolVersion: ProtocolVersion
  /** Clean Session (3.1.1) or Clean Start (5) of the last CONNECT. */
  readonly clean: boolean
  /** What the last CONNACK said. */
  readonly sessionPresent: boolean
  /** In seconds; 0 is off. */
  readonly keepAlive: number
  /** Who the client is to the rules; undefined is anonymous. */
  readonly userName: string | undefined
  /** Seconds that the Session is kept without its client; undefined is for ever. */
  readonly expiry: number | undefined
  /** Wall time at which it ends, where its client is not there and it does not last for ever. */
  readonly expiresAt: number | undefined
  readonly subscriptions: readonly SubscriptionSnapshot[]
  readonly will: WillSnapshot | undefined
  /** Messages that wait; where the client is not connected also those that were sent and not acknowledged. */
  readonly queued: number
  /** Handshakes that are unfinished: to the client, and from it (QoS 2). */
  readonly inflight: number
  readonly incoming: number
  /**
   * Wall time since which there is no room for more on its Network Connection, where messages wait for that. Octets may
   * leave it all the while: its client, or what is between, takes them more slowly than they come, or not at all. It
   * comes and goes in a moment wherever much is sent.
   */
  readonly blockedSince?: number | undefined
  /** Why it is over, in words; undefined where it is not. */
  readonly endReason?: string | undefined
  /** Messages that were never sent; `cleared` are those that somebody threw away, see `Broker.clearQueue`. */
  readonly lost: {
    readonly queueFull: number
    readonly expired: number
    readonly tooLarge: number
    readonly cleared: number
  }
}

/** One message of a Session. */
export interface OutgoingSnapshot {
  readonly topic: string
  /** The first octets of it. */
  readonly payload: Uint8Array
  readonly payloadLength: number
  readonly qos: QoS
  readonly retain: boolean
  /** 0 where it was not sent yet. */
  readonly packetId: number
  readonly state: SenderState
  readonly sends: number
  /** Wall time at which it came to the Session. */
  readonly since: number
  readonly publisher: string | undefined
  readonly expiresAt: number | undefined
}

/** A Network Connection that served a Session. */
export interface ConnectionHistory {
  /** The how many-eth of this client it is, from 1; as far as the broker has seen since it was started. */
  readonly number: number
  /** Its number in the capture. */
  readonly connection: number
  readonly remote: string
  readonly since: number
  readonly clean: boolean
  readonly sessionPresent: boolean
  readonly keepAlive: number
  /** How it was decided that the client may connect, in words: `by a token of the user pump`, `everybody may connect`. */
  readonly rule: string
  /** Wall time and cause of its end; undefined while it lasts. */
  readonly until: number | undefined
  readonly reason: string | undefined
}

/** What there was of a Session at one moment, to be compared with another. */
export interface SessionMark {
  /** Wall time in milliseconds since 1970. */
  readonly time: number
  /** The Network Connection that had ended by then, or that began. */
  readonly connection: number
  /** The first of them; `subscriptionCount` says how many there were. */
  readonly subscriptions: readonly SubscriptionSnapshot[]
  readonly subscriptionCount: number
  readonly queued: number
  readonly inflight: number
  readonly incoming: number
  readonly will: { readonly topic: string; readonly state: WillState } | undefined
}

/** What became of a Session between two Network Connections of its client. */
export interface Reconnect {
  /** When the one before had ended. */
  readonly left: SessionMark
  /** What the client found at its CONNECT, before anything was sent to it. */
  readonly found: SessionMark
}

/** All of a Session. Lists are cut where they are long; what the snapshot counts says how long they are. */
export interface SessionDetail {
  readonly session: SessionSnapshot
  readonly inflight: readonly OutgoingSnapshot[]
  readonly waiting: readonly OutgoingSnapshot[]
  /** QoS 2 from the client that waits for PUBREL. */
  readonly incoming: readonly { readonly packetId: number; readonly since: number }[]
  /** The newest last. */
  readonly history: readonly ConnectionHistory[]
  /** The last time that its client came back; undefined where it did not. */
  readonly reconnect: Reconnect | undefined
  /** Milliseconds since its last Control Packet, and when the broker gives it up; undefined where it is not connected. */
  readonly keepAlive: { readonly silent: number; readonly allowed: number | undefined } | undefined
}
