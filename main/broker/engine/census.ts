import type { Retained } from './retained.ts'
import type { Router } from './router.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionKeeper } from './session-keeper.ts'

/** What the broker holds at the moment. */
export interface Census {
  readonly connected: number
  /** Sessions, whether their clients are there or not. */
  readonly sessions: number
  readonly subscriptions: number
  /** Those of them that are shared. */
  readonly sharedSubscriptions: number
  readonly retained: number
  /** Octets of the payloads of retained messages. */
  readonly retainedOctets: number
  /** The broker's own under `$SYS/`, which are none of those. */
  readonly ownRetained: number
  readonly ownRetainedOctets: number
  /** Copies of messages that wait to be sent, of all Sessions; and octets of their topics and payloads. */
  readonly queued: number
  readonly queuedOctets: number
  /** The longest queue of one Session. */
  readonly longestQueue: number
  /** Handshakes that are unfinished: to clients, and from them (QoS 2). */
  readonly inflight: number
  readonly incoming: number
}

/** Counts; it takes time that grows with the number of Sessions, and not with what waits for them. */
export function takeCensus(
  connected: number,
  keeper: SessionKeeper,
  router: Router<ServedSession>,
  retained: Retained,
): Census {
  let queued = 0
  let queuedOctets = 0
  let longestQueue = 0
  let inflight = 0
  let incoming = 0
  for (const { session } of keeper.all()) {
    const { waiting } = session.outgoing
    queued += waiting
    queuedOctets += session.outgoing.waitingOctets
    longestQueue = Math.max(longestQueue, waiting)
    inflight += session.outgoing.inflight.size
    incoming += session.incoming.size
  }
  return {
    connected,
    sessions: keeper.size,
    subscriptions: router.subscriptions,
    sharedSubscriptions: router.sharedSubscriptions,
    retained: retained.size,
    retainedOctets: retained.octets,
    ownRetained: retained.own.size,
    ownRetainedOctets: retained.own.octets,
    queued,
    queuedOctets,
    longestQueue,
    inflight,
    incoming,
  }
}
