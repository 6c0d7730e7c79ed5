import type { Malformation } from '../mqtt/framer.ts'
import type { CloseCause, Direction, Origin, TransportName } from '../mqtt/network-connection.ts'

/**
 * One whole Control Packet as its sender put it on the wire. What a fault or a breakpoint did to it is told by events that
 * follow and name its number, because it may happen much later.
 */
export interface CapturedPacket {
  readonly kind: 'packet'
  /** Counts every record of a capture, from 1, without a gap. */
  readonly number: number
  /** Nanoseconds since the capture began, monotonic. */
  readonly time: number
  /** The Network Connection; 0 means none. */
  readonly connection: number
  readonly direction: Direction
  /** Octets as they went over the wire, from the fixed header on. Of a very large packet the first part only. */
  readonly octets: Uint8Array
  /** How many octets the packet had on the wire; more than `octets.length` where only a part was kept. */
  readonly length: number
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
 * - `opened`: the listener took the connection; what is known of its TLS is in `security`
 * - `handshake failed`: somebody connected to a listener and did not get through to MQTT, for this reason: the handshake of
 *   TLS or WebSocket failed. It never was a Network Connection, so that its own number is 0
 * - `denied`: a rule of the broker did not let a client publish to a Topic Name, or subscribe to a Topic Filter
 * - `one end closed`: one end is gone and the other has not heard of it, because the link is half open or holds packets;
 *   or, as `told` says, it was told and has not closed yet, while something came of it already, such as a will
 * - `closed`: it is gone, both ways; `by` is the end that closed first, `cause` is how; `reason` says why where somebody
 *   knows
 * - `fault`: something was done to the link as a whole, such as a cut, or to a device, as `device` says: then there is one
 *   event when it begins and one when it ends, and their connection is 0 where the device has none at that moment; `by` is
 *   who did it
 * - `packet held`, `packet dropped`, `packet sent`: what became of the packet with that number, see `PacketFate`
 * - `target reached`: the broker at `url`, which is not the workbench's own, took the connection; what is known of its
 *   TLS is in `security`
 * - `target failed`: it could not be reached, or one of the two did not trust the other; nothing went on that did not
 *   go before
 * - `power loss`: a device was cut off from its power, its client gone without DISCONNECT; in older
 *   recordings: now it is a `fault`
 * - `will published`: the broker published this connection's Will Message
 * - `will dropped`: the will was deleted unpublished, because the client disconnected in order [MQTT-3.1.2-10] or
 *   because the broker refuses it
 */
export type ConnectionEvent =
  | {
      readonly type: 'opened'
      /** Recordings of the first versions know `tcp` alone. */
      readonly transport: TransportName
      readonly remote: string
      readonly security?: string | undefined
    }
  | {
      readonly type: 'handshake failed'
      readonly transport: TransportName
      readonly remote: string
      readonly reason: string
    }
  | {
      readonly type: 'denied'
      /** Empty where the client has none. */
      readonly clientId: string
      readonly action: 'publish' | 'subscribe'
      readonly topic: string
      /** What decided, in words. */
      readonly rule: string
    }
  | {
      readonly type: 'closed'
      readonly by: 'client' | 'broker' | 'link'
      readonly cause: CloseCause
      readonly reason?: string | undefined
    }
  | {
      readonly type: 'one end closed'
      readonly by: 'client' | 'broker'
      readonly cause: CloseCause
      readonly reason?: string | undefined
      readonly told?: true
    }
  | {
      readonly type: 'fault'
      readonly what: string
      readonly by: string
      /** Where it is the fault of a device. */
      readonly device?: FaultyDevice | undefined
    }
  | PacketFate
  | { readonly type: 'target reached'; readonly url: string; readonly security?: string | undefined }
  | { readonly type: 'target failed'; readonly url: string; readonly reason: string }
  | { readonly type: 'power loss'; readonly clientId: string }
  | {
      readonly type: 'will published'
      readonly clientId: string
      readonly topic: string
      readonly reason: string
    }
  | { readonly type: 'will dropped'; readonly clientId: string; readonly reason?: string | undefined }

/** A device that something is wrong with, or no longer. */
export interface FaultyDevice {
  readonly id: string
  /** Empty where only the broker knows it, and has not said. */
  readonly clientId: string
  /** Such as `hang` or `power loss`. */
  readonly fault: string
  readonly phase: 'begins' | 'ends'
}

/** The Client Identifier, or else the name of the device, that an event says by itself; undefined where it says none. */
export function clientOf(event: ConnectionEvent): string | undefined {
  if ('clientId' in event) return event.clientId || undefined
  if (event.type !== 'fault' || event.device === undefined) return undefined
  return event.device.clientId || event.device.id
}

/**
 * What became of a packet that did not simply go on. One that simply went on has no fate. `packet` is the number of its
 * record; `by` names the rules, breakpoints or people that did it.
 *
 * - `packet held`: a breakpoint stopped it
 * - `packet dropped`: it never went on
 * - `packet sent`: it went on, but late, more than once, or changed
 */
export type PacketFate =
  | { readonly type: 'packet held'; readonly packet: number; readonly by: string }
  | { readonly type: 'packet dropped'; readonly packet: number; readonly by: string }
  | {
      readonly type: 'packet sent'
      readonly packet: number
      readonly by: string
      /** Nanoseconds between its arrival and its leaving. */
      readonly delay: number
      /** How many times it was sent; 1 unless it was duplicated; at most `mostCopies`. */
      readonly copies: number
      /** The octets that went on, in hexadecimal, where they are not those that came. */
      readonly octets?: string | undefined
    }

/** However many rules duplicate a packet, it goes on no more often than two of them together may ask for. */
export const mostCopies = 10_000

export function isFate(event: ConnectionEvent): event is PacketFate {
  return event.type === 'packet held' || event.type === 'packet dropped' || event.type === 'packet sent'
}
