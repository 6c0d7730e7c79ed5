import type { Malformation } from '../mqtt/framer.ts'
import type { CloseCause, Origin } from '../mqtt/network-connection.ts'

/** Which way a Control Packet went. */
export type Direction = 'to broker' | 'to client'

/** One whole Control Packet as it was on the wire. */
export interface CapturedPacket {
  readonly kind: 'packet'
  /** Counts every record of a capture, from 1, without a gap. */
  readonly number: number
  /** Nanoseconds since the capture began, monotonic. */
  readonly time: number
  /** The Network Connection; 0 means none. */
  readonly connection: number
  readonly direction: Direction
  /** Octets as they went over the wire, from the fixed header on. */
  readonly octets: Uint8Array
  /** Why the stream could not be framed: the octets are then whatever came, passed on untouched. */
  readonly malformed: Malformation | false
  /** What the embedded broker knows of the message that this PUBLISH delivers. */
  readonly origin: Origin | undefined
}

/** Something that happened to a Network Connection and is not a packet. */
export interface CapturedEvent {
  readonly kind: 'event'
  readonly number: number
  readonly time: number
  readonly connection: number
  readonly event: ConnectionEvent
}

export type Captured = CapturedPacket | CapturedEvent

/**
 * - `opened`: the listener took the connection
 * - `closed`: it is gone, both ways; `by` is the end that closed first, `cause` is how; `reason` says why where somebody
 *   knows
 * - `power loss`: a device was cut off from its power, its client gone without DISCONNECT
 * - `will published`: the broker published this connection's Will Message
 * - `will dropped`: the will was deleted unpublished, because the client disconnected in order [MQTT-3.1.2-10] or
 *   because the broker refuses it
 */
export type ConnectionEvent =
  | { readonly type: 'opened'; readonly transport: 'tcp'; readonly remote: string }
  | {
      readonly type: 'closed'
      readonly by: 'client' | 'broker' | 'link'
      readonly cause: CloseCause
      readonly reason?: string | undefined
    }
  | { readonly type: 'power loss'; readonly clientId: string }
  | {
      readonly type: 'will published'
      readonly clientId: string
      readonly topic: string
      readonly reason: string
    }
  | { readonly type: 'will dropped'; readonly clientId: string; readonly reason?: string | undefined }
