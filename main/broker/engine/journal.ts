import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { WillPacket } from '../../../app/mqtt/packets.ts'
import type { Outgoing } from '../../../app/session/outgoing.ts'
import type { Subscription } from '../../../app/session/subscription.ts'

/** All of a Session that is not a list. */
export interface SessionRecord {
  readonly version: ProtocolVersion
  readonly clean: boolean
  readonly userName: string | undefined
  /** Seconds that it is kept without its client; undefined is for ever. */
  readonly expiry: number | undefined
  /** Wall time at which its client left; undefined while it is there. */
  readonly leftAt: number | undefined
  /** A will that may still be published, and when, where that is settled. */
  readonly will: { readonly packet: WillPacket; readonly until: number | undefined } | undefined
}

/**
 * Where Sessions that outlive their Network Connections are written down as they change. Nothing of it is on its way to
 * any client before it is written: see `Outbox`.
 */
export interface Journal {
  saved(clientId: string, record: SessionRecord): void
  /** It has ended, or is not kept any more, whether it was written down or not. */
  removed(clientId: string): void
  subscribed(clientId: string, subscription: Subscription): void
  unsubscribed(clientId: string, filter: string): void
  /** A message has come for it, or the Packet Identifier or the state of one is another now. */
  outgoing(clientId: string, outgoing: Outgoing): void
  /** It is acknowledged, dropped or expired. */
  outgoingGone(clientId: string, outgoing: Outgoing): void
  /** A PUBLISH of QoS 2 is stored under this Packet Identifier. */
  received(clientId: string, packetId: number): void
  /** PUBREL has come for it. */
  released(clientId: string, packetId: number): void
}

/** For Sessions that end with the process. */
export const noJournal: Journal = {
  saved() {},
  removed() {},
  subscribed() {},
  unsubscribed() {},
  outgoing() {},
  outgoingGone() {},
  received() {},
  released() {},
}
