import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { QueueTally } from '../../../app/session/outgoing.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import type { Copy, RoutedMessage } from './routed-message.ts'
import type { Turn } from './turn.ts'

/** How a Session reaches its client. */
export interface SessionClient {
  readonly version: ProtocolVersion
  /** Handshakes that may be unfinished towards it. */
  readonly window: number
  /** It reads what it is sent. */
  readonly reads: boolean
  /** It does not, but it had no time to yet. */
  readonly isUnheard: boolean
  /** @returns false where the packet is larger than the client takes: it is as if it had been sent [MQTT-3.1.2-25] */
  sendMessage(message: RoutedMessage, copy: Copy, dup: boolean): boolean
  /** @param code the Reason Code of PUBREL in MQTT 5 */
  sendRelease(packetId: number, code?: number): void
  /** Its queue is full, and the policy is to end it. */
  overflow(): void
}

/** Why messages for a Session were never sent. */
export interface Losses {
  queueFull: number
  expired: number
  tooLarge: number
  /** Somebody who looks at the Sessions threw them away. */
  cleared: number
}

/** What all Sessions stand on. */
export interface SessionGround {
  readonly limits: Limits
  readonly journal: Journal
  readonly turn: Turn
  /** What waits for all Sessions. */
  readonly tally: QueueTally
  /** Wall time in milliseconds. */
  now(): number
  /** What is shown of it has changed. */
  changed(session: { readonly clientId: string }): void
  /** @param assured how many of them are of QoS 1 or 2 */
  lost(why: keyof Losses, messages: number, assured: number): void
}
