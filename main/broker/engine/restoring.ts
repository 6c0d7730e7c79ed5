import type { Clock } from '../../../app/base/clock.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Stored, StoredSession } from '../stores/load-sessions.ts'
import type { RetainedStore } from './aedes-heart.ts'
import type { Retained } from './retained.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { Served } from './served.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionKeeper } from './session-keeper.ts'

const killed = 'the broker was killed'

/** What takes back what was stored. */
export interface Restoring {
  readonly clock: Clock
  readonly keeper: SessionKeeper
  readonly retained: Retained
  /** aedes' own, which is empty yet. */
  readonly persistence: RetainedStore
  subscribe(session: ServedSession, subscription: Subscription): void
  onProblem(error: Error): void
}

/**
 * Puts all back that was stored: as if every client had just been disconnected that was there when the broker was killed
 * [MQTT 3.1.1 §3.1.2.5, §4.1]. Wills come last, so that every Session that is to get them is there.
 */
export function restoreAll(into: Restoring, { retained, sessions }: Stored): void {
  for (const message of retained) {
    into.retained.restore(message as RoutedMessage)
    into.persistence.storeRetained(message).catch(into.onProblem)
  }
  const restored = sessions.map((stored) => [restoreOne(into, stored), stored] as const)
  for (const [served, stored] of restored) settle(into, served, stored)
}

/** One Session; it is to be settled when all are there. */
export function restoreOne(
  { clock, keeper, subscribe }: Pick<Restoring, 'clock' | 'keeper' | 'subscribe'>,
  stored: StoredSession,
): Served {
  const { clientId, incoming, outgoing, record, subscriptions } = stored
  const served = keeper.restore(clientId)
  const { session } = served
  const { clean, expiry = Number.POSITIVE_INFINITY, leftAt = clock.now(), userName, version, will } = record
  Object.assign(session, { version, expiry })
  const identity = { clientId, userName }
  Object.assign(served, { clean, since: leftAt, identity })
  for (const subscription of subscriptions) {
    session.subscriptions.set(subscription.filter, subscription)
    subscribe(session, subscription)
  }
  for (const message of outgoing) session.restore(message)
  for (const [packetId, since] of incoming) session.incoming.set(packetId, { since })
  served.will = will && {
    packet: will.packet,
    identity,
    connection: 0,
    state: 'armed',
    reason: undefined,
    since: leftAt,
    until: undefined,
    timer: undefined,
  }
  return served
}

/** What became due while the broker was not there. */
export function settle(
  { clock, keeper }: Pick<Restoring, 'clock' | 'keeper'>,
  served: Served,
  { record }: StoredSession,
): void {
  const { session, since, will } = served
  const until = record.will?.until
  if (until === undefined) keeper.settleWill(served, killed, 'failed')
  else if (will !== undefined) keeper.delayWill(served, killed, Math.max(0, (until - clock.now()) / 1000))
  const left = session.expiry - (clock.now() - since) / 1000
  if (!session.isKept) keeper.end(served, killed)
  else if (left <= 0) keeper.end(served, 'its Session Expiry Interval has passed')
  else {
    keeper.expireLater(served, left)
    keeper.save(served)
  }
}
