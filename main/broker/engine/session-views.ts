import type { Clock } from '../../../app/base/clock.ts'
import type { Outgoing } from '../../../app/session/outgoing.ts'
import type {
  OutgoingSnapshot,
  SessionDetail,
  SessionMark,
  SessionSnapshot,
  SubscriptionSnapshot,
  WillSnapshot,
} from '../../../app/session/session-snapshot.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Served, SessionWill } from './served.ts'
import type { Past } from './session-pasts.ts'

/** Messages that are shown of a queue, and octets of each payload. */
const mostShown = 200
const mostPayload = 256
/** Subscriptions that are remembered of a moment. */
const mostMarked = 200

export function snapshotOf(served: Served): SessionSnapshot {
  const { session, clean, connection, expiresAt, identity, keepAlive, sessionPresent, since, will } = served
  const { clientId, expiry, incoming, losses, outgoing, subscriptions, version } = session
  return {
    clientId,
    connected: served.client !== undefined,
    connection,
    since,
    protocolVersion: version,
    clean,
    sessionPresent,
    keepAlive,
    userName: identity.userName,
    expiry: expiry === Number.POSITIVE_INFINITY ? undefined : expiry,
    expiresAt,
    subscriptions: Array.from(subscriptions.values(), viewOfSubscription),
    will: will && viewOfWill(will),
    queued: outgoing.waiting + (served.client === undefined ? outgoing.inflight.size : 0),
    inflight: outgoing.inflight.size,
    incoming: incoming.size,
    blockedSince: session.hasMore ? served.client?.blockedSince : undefined,
    lost: { ...losses },
  }
}

/** A Session may have very many, and is shown anew whenever one is added: each is made once. */
const views = new WeakMap<Subscription, SubscriptionSnapshot>()

function viewOfSubscription(subscription: Subscription): SubscriptionSnapshot {
  const before = views.get(subscription)
  if (before !== undefined) return before
  const { filter, qos, noLocal, retainAsPublished, retainHandling, identifiers } = subscription
  const view = { filter, qos, noLocal, retainAsPublished, retainHandling, identifier: identifiers?.[0] }
  views.set(subscription, view)
  return view
}

function viewOfWill({ packet, state, reason, since, until }: SessionWill): WillSnapshot {
  const { messageExpiryInterval, payload, properties, qos, retain, topic, willDelayInterval: delay } = packet
  const { contentType } = properties ?? {}
  return { topic, payload, qos, retain, delay, messageExpiryInterval, contentType, state, reason, since, until }
}

export function detailOf(served: Served, clock: Clock): SessionDetail {
  const { session, client, history, keepAlive } = served
  const { incoming, outgoing } = session
  const waiting: OutgoingSnapshot[] = []
  for (const message of outgoing.waitingMessages()) {
    if (waiting.length >= mostShown) break
    waiting.push(viewOf(message))
  }
  return {
    session: snapshotOf(served),
    inflight: [...outgoing.inflight.values()].slice(0, mostShown).map(viewOf),
    waiting,
    incoming: [...incoming].slice(0, mostShown).map(([packetId, { since }]) => ({ packetId, since })),
    history: history.map((entry) => ({ ...entry })),
    reconnect: served.reconnect,
    keepAlive: client && {
      silent: Math.max(0, clock.monotonic() / 1e6 - client.lastPacket),
      allowed: keepAlive === 0 ? undefined : keepAlive * 1500,
    },
  }
}

/** A Session that is over. */
export function detailOfEnded(session: SessionSnapshot, past: Past | undefined): SessionDetail {
  const { history = [], reconnect } = past ?? {}
  return {
    session,
    inflight: [],
    waiting: [],
    incoming: [],
    history: history.map((entry) => ({ ...entry })),
    reconnect,
    keepAlive: undefined,
  }
}

/** @param connection the Network Connection that has just ended or begins */
export function markOf({ session, will }: Served, time: number, connection: number): SessionMark {
  const { incoming, outgoing, subscriptions } = session
  const first: SubscriptionSnapshot[] = []
  for (const subscription of subscriptions.values()) {
    if (first.length >= mostMarked) break
    first.push(viewOfSubscription(subscription))
  }
  return {
    time,
    connection,
    subscriptions: first,
    subscriptionCount: subscriptions.size,
    queued: outgoing.waiting,
    inflight: outgoing.inflight.size,
    incoming: incoming.size,
    will: will && { topic: will.packet.topic, state: will.state },
  }
}

function viewOf({ identifiers: _, message, ordinal: __, ...rest }: Outgoing): OutgoingSnapshot {
  const { topic, payload, origin, expiresAt } = message
  const { qos, retain, packetId, state, sends, since } = rest
  return {
    topic,
    payload: payload.slice(0, mostPayload),
    payloadLength: payload.length,
    qos,
    retain,
    packetId,
    state,
    sends,
    since,
    publisher: origin.clientId,
    expiresAt,
  }
}

/** The newest connection of a Session is over. */
export function endHistory({ history }: Served, until: number, reason: string): void {
  const last = history.pop()
  if (last !== undefined) history.push({ ...last, until, reason })
}
