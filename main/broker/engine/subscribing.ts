import { writeSuback, writeUnsuback } from '../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion, QoS } from '../../../app/mqtt/control-packet.ts'
import type { SubscribePacket, SubscriptionRequest, UnsubscribePacket } from '../../../app/mqtt/packets.ts'
import { shareOf } from '../../../app/mqtt/topics.ts'
import { lowerQoS, type Subscription } from '../../../app/session/subscription.ts'
import type { Client } from './client.ts'
import { inTurns } from './in-turns.ts'
import { filterQuota } from './quotas.ts'
import { codes, orderedWords } from './reason-codes.ts'
import type { RetainedSearch } from './retained-rests.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { ServedSession } from './served-session.ts'
import type { Services } from './services.ts'

/** SUBACK of 3.1.1 has one way to say no [MQTT-3.8.4-5]. */
const failure = 0x80

/** After so many filters the turn may be over. */
const few = 16

/** A Subscription that SUBACK will grant, and that gets retained messages. */
interface Granted {
  readonly subscription: Subscription
  /** What is published from then on comes to it by itself: the number of the newest message before. */
  readonly last: number
}

/** SUBSCRIBE [§3.8]: SUBACK comes first, then the retained messages in the order of the filters. */
export function subscribed(engine: Services, client: Client, packet: SubscribePacket): void {
  const { session } = client
  if (session !== undefined) inTurns(engine, client, session, subscribing(engine, client, session, packet))
}

function* subscribing(
  engine: Services,
  client: Client,
  session: ServedSession,
  { packetId, subscriptionIdentifier, subscriptions }: SubscribePacket,
): Generator<void, void> {
  const answers: number[] = []
  const granted: Granted[] = []
  for (const request of subscriptions) {
    if (answers.length % few === few - 1) yield
    const refusal = refusalOf(engine, client, session, request.filter)
    if (refusal !== undefined) {
      answers.push(refused(client.version, refusal, lowerQoS(request.qos, engine.limits.maxQoS)))
      continue
    }
    const subscription = grant(request, subscriptionIdentifier, engine.limits.maxQoS)
    const isNew = engine.subscribe(session, subscription)
    if (getsRetained(subscription, isNew)) granted.push({ subscription, last: engine.lastMessage })
    answers.push(subscription.qos)
  }
  try {
    const rest = yield* keepRetained(engine, session, granted)
    client.write(writeSuback(packetId, answers, client.version))
    session.sendKept()
    for (const { subscription, find } of rest) session.offerRetained(subscription, find)
  } finally {
    // Also where the client has gone meanwhile: what waits behind them is not to wait for ever.
    session.sendKept()
  }
}

/**
 * What SUBACK says of a filter that is refused. MQTT 3.1 has no way to say no: "It must therefore make a positive
 * acknowledgement with a SUBACK, and the client will not be informed" [MQTT 3.1 §3.8].
 */
function refused(version: ProtocolVersion, code: number, granted: QoS): number {
  if (version === 5) return code
  return version === 4 ? failure : granted
}

interface Wanted {
  readonly subscription: Subscription
  readonly find: () => RetainedSearch
}

/** What is to survive a crash is written down before SUBACK goes out. @returns what is only to be sent */
function* keepRetained(
  engine: Services,
  session: ServedSession,
  granted: readonly Granted[],
): Generator<void, readonly Wanted[]> {
  const rest: Wanted[] = []
  for (const [at, { subscription, last }] of granted.entries()) {
    if (at % few === few - 1) yield
    const { matches, noLocal } = subscription
    if (engine.retained.hasNone(matches)) continue
    const isFor = ({ origin }: RoutedMessage) =>
      origin.message <= last && !(noLocal && origin.clientId === session.clientId)
    const isLeft = (message: RoutedMessage) => message.qos === 0 && isFor(message)
    const isKept = session.keepsRetained(subscription)
    const find = () => engine.retained.matching(matches, isFor)
    if (!isKept) rest.push({ subscription, find })
    else if (yield* session.keepRetained(subscription, find)) {
      rest.push({ subscription, find: () => engine.retained.matching(matches, isLeft) })
    }
  }
  return rest
}

/** [MQTT-3.3.1-9 to 11 of MQTT 5]; a Shared Subscription gets none [MQTT 5 §4.8.2]. */
function getsRetained({ group, retainHandling }: Subscription, isNew: boolean): boolean {
  return group === undefined && retainHandling !== 2 && (retainHandling === 0 || isNew)
}

function grant(request: SubscriptionRequest, identifier: number | undefined, maxQoS: 0 | 1 | 2): Subscription {
  const parts = shareOf(request.filter)
  // What is no proper share was refused when it was read.
  const share = typeof parts === 'object' ? parts : undefined
  const { filter, noLocal, qos, retainAsPublished, retainHandling } = request
  return {
    filter,
    noLocal,
    retainAsPublished,
    retainHandling,
    qos: lowerQoS(qos, maxQoS),
    matches: share === undefined ? filter : share.filter,
    group: share?.group,
    identifiers: identifier === undefined ? undefined : [identifier],
  }
}

/** The Reason Code with which a Subscription is refused; undefined where it is granted. */
function refusalOf(engine: Services, client: Client, session: ServedSession, filter: string): number | undefined {
  const quota = filterQuota(engine.limits, filter, session.subscriptions)
  if (quota !== undefined) return quota
  const ordered = engine.refusals.take('SUBSCRIBE', session.clientId, filter)
  if (ordered !== undefined) {
    engine.refused(client, 'subscribe', filter, orderedWords(ordered))
    return ordered.code
  }
  const { allowed, rule } = engine.maySubscribe(client, filter)
  if (allowed) return undefined
  engine.refused(client, 'subscribe', filter, rule)
  return codes.notAuthorized
}

/** UNSUBSCRIBE [§3.10]. What waits for the client already is delivered all the same. */
export function unsubscribed(engine: Services, client: Client, packet: UnsubscribePacket): void {
  const { session } = client
  if (session !== undefined) inTurns(engine, client, session, unsubscribing(engine, client, session, packet))
}

function* unsubscribing(
  engine: Services,
  client: Client,
  session: ServedSession,
  { filters, packetId }: UnsubscribePacket,
): Generator<void, void> {
  const answers: number[] = []
  for (const filter of filters) {
    if (answers.length % few === few - 1) yield
    const ordered = engine.refusals.take('UNSUBSCRIBE', session.clientId, filter)
    if (ordered !== undefined && client.version !== 5) {
      // UNSUBACK of 3.1.1 cannot say no: it would mean that the Subscription is gone [MQTT-3.10.4-1, MQTT-4.8.0-2].
      client.close(`UNSUBSCRIBE ${orderedWords(ordered)}`, undefined, 'failed')
      return
    }
    if (ordered !== undefined) answers.push(ordered.code)
    else answers.push(engine.unsubscribe(session, filter) ? codes.success : codes.noSubscriptionExisted)
  }
  engine.turn.hurry()
  client.write(writeUnsuback(packetId, answers, client.version))
}
