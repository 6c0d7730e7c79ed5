import type { Outgoing } from '../../../app/session/outgoing.ts'
import type { SessionRecord } from '../../../app/session/session-record.ts'
import type { Subscription } from '../../../app/session/subscription.ts'

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
