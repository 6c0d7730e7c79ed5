import type { Clock } from '../../../app/base/clock.ts'
import type { PublishPacket } from '../../../app/mqtt/packets.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Access } from '../access/access.ts'
import type { Refusals } from '../access/refusals.ts'
import type { Client } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Counters } from './counters.ts'
import type { Limits } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { Retained } from './retained.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { Turn } from './turn.ts'

/** What the handlers of Control Packets need of the engine. */
export interface Services {
  readonly clock: Clock
  readonly limits: Limits
  readonly access: Access
  readonly counters: Counters
  /** What is refused on purpose. */
  readonly refusals: Refusals
  readonly keeper: SessionKeeper
  readonly retained: Retained
  readonly cluster: Cluster | undefined
  /** Clients that are served at the moment. */
  readonly connected: number
  readonly stopping: boolean
  readonly turn: Turn
  readonly outbox: Outbox | undefined
  /** The number of the newest message. */
  readonly lastMessage: number
  /** A client has said who it is, whether it is let in or not. */
  identified(client: Client, clientId: string): void
  /** A client is served from now on. */
  arrived(client: Client, clientId: string): void
  /** Why the client must not publish to this topic; undefined where it may. */
  publishRefusal(client: Client, topic: string): string | undefined
  maySubscribe(client: Client, filter: string): { readonly allowed: boolean; readonly rule: string }
  /** A rule did not allow it. */
  refused(client: Client, action: 'publish' | 'subscribe', topic: string, rule: string): void
  /**
   * @param octets the packet as it came
   * @returns to how many Sessions it went; undefined where that is not known yet
   */
  publishFrom(client: Client, packet: PublishPacket, topic: string, octets: Uint8Array): number | undefined
  /** @returns whether the Session did not have it before */
  subscribe(session: ServedSession, subscription: Subscription): boolean
  /** @returns whether the Session had it */
  unsubscribe(session: ServedSession, filter: string): boolean
}
