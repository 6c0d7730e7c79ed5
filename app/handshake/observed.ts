import type { CloseCause, Direction, Origin } from '../mqtt/network-connection.ts'

/**
 * What a handshake is rebuilt from: the records of a capture, whatever keeps them. Structural, so that this folder does
 * not depend on the capture's; a test proves that its records fit.
 */
export type Observed = ObservedPacket | ObservedEvent

export interface ObservedPacket {
  readonly kind: 'packet'
  readonly number: number
  /** Nanoseconds since the capture began. */
  readonly time: number
  readonly connection: number
  readonly direction: Direction
  /** May be the first part only. */
  readonly octets: Uint8Array
  /** Octets of the whole packet. */
  readonly length: number
  readonly malformed: string | false
  readonly origin: Origin | undefined
}

export interface ObservedEvent {
  readonly kind: 'event'
  readonly number: number
  readonly time: number
  readonly connection: number
  readonly event: ObservedHappening
}

export type ObservedHappening =
  | ObservedFate
  | ObservedClosing
  | { readonly type: 'opened' | 'handshake failed' | 'denied' | 'one end closed' | 'target failed' }
  | { readonly type: 'target reached'; readonly url: string }
  | { readonly type: 'fault'; readonly what: string; readonly by: string; readonly device?: ObservedDevice | undefined }
  | { readonly type: 'power loss' }
  | {
      readonly type: 'will published'
      readonly clientId: string
      readonly topic: string
      readonly reason: string
    }
  | { readonly type: 'will dropped'; readonly clientId: string }

/** A device that something is wrong with, or no longer. */
export interface ObservedDevice {
  readonly clientId: string
  readonly fault: string
  readonly phase: 'begins' | 'ends'
}

export interface ObservedClosing {
  readonly type: 'closed'
  readonly by: 'client' | 'broker' | 'link'
  readonly cause: CloseCause
  readonly reason?: string | undefined
}

/** What became of the packet with the number `packet`. */
export type ObservedFate =
  | { readonly type: 'packet held' | 'packet dropped'; readonly packet: number; readonly by: string }
  | {
      readonly type: 'packet sent'
      readonly packet: number
      readonly by: string
      readonly delay: number
      readonly copies: number
      /** Hexadecimal. */
      readonly octets?: string | undefined
    }
