import { writeSuback, writeUnsuback } from '../../../app/mqtt/codec/write.ts'
import type { SubscribePacket, SubscriptionRequest, UnsubscribePacket } from '../../../app/mqtt/packets.ts'
import { shareOf } from '../../../app/mqtt/topics.ts'
import { lowerQoS, type Subscription } from '../../../app/session/subscription.ts'
import type { Client } from './client.ts'
import { codes } from './reason-codes.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { ServedSession } from './served-session.ts'
import type { Services } from './services.ts'

/** Levels that a Topic Filter may have: aedes' matcher calls itself once for each. */
const mostLevels = 4096
/** SUBACK of 3.1.1 has one way to say no [MQTT-3.8.4-5]. */
const failure = 0x80

/** SUBSCRIBE [§3.8]: SUBACK comes first, then the retained messages in the order of the filters. */
export function subscribed(engine: Services, client: Client, packet: SubscribePacket): void {
  const { session } = client
  if (session === undefined) return
  const answers: number[] = []
  const granted: { readonly subscription: Subscription; readonly isNew: boolean }[] = []
  for (const request of packet.subscriptions) {
    const refusal = refusalOf(engine, client, request.filter)
    if (refusal !== undefined) {
      answers.push(client.version === 5 ? refusal : failure)
      continue
    }
    const subscription = grant(request, packet.subscriptionIdentifier, engine.limits.maxQoS)
    granted.push({ subscription, isNew: engine.subscribe(session, subscription) })
    answers.push(subscription.qos)
  }
  client.write(writeSuback(packet.packetId, answers, client.version))
  engine.turn.hurry()
  for (const { subscription, isNew } of granted) sendRetained(engine, session, subscription, isNew)
}

function grant(request: SubscriptionRequest, identifier: number | undefined, maxQoS: 0 | 1 | 2): Subscription {
  const parts = shareOf(request.filter)
  // What is no proper share was refused when it was read.
  const share = typeof parts === 'object' ? parts : undefined
  return {
    ...request,
    qos: lowerQoS(request.qos, maxQoS),
    matches: share === undefined ? request.filter : share.filter,
    group: share?.group,
    identifiers: identifier === undefined ? undefined : [identifier],
  }
}

/** The Reason Code with which a Subscription is refused; undefined where it is granted. */
function refusalOf(engine: Services, client: Client, filter: string): number | undefined {
  if (filter.length > mostLevels && filter.split('/').length > mostLevels) return codes.topicFilterInvalid
  const { allowed, rule } = engine.maySubscribe(client, filter)
  if (allowed) return undefined
  engine.refused(client, 'subscribe', filter, rule)
  return codes.notAuthorized
}

/** [MQTT-3.3.1-6, MQTT-3.3.1-9 to 11 of MQTT 5]; a Shared Subscription gets none [MQTT 5 §4.8.2]. */
function sendRetained(engine: Services, session: ServedSession, subscription: Subscription, isNew: boolean): void {
  const { group, matches, noLocal, retainHandling } = subscription
  if (group !== undefined || retainHandling === 2 || (retainHandling === 1 && !isNew)) return
  const last = engine.lastMessage
  // What is published from now on comes to it by itself, also where it is looked for in a later turn.
  const isFor = ({ origin }: RoutedMessage) =>
    origin.message <= last && !(noLocal && origin.clientId === session.clientId)
  session.offerRetained(subscription, () => engine.retained.match(matches, engine.clock.now()).filter(isFor))
}

/** UNSUBSCRIBE [§3.10]. What waits for the client already is delivered all the same. */
export function unsubscribed(engine: Services, client: Client, packet: UnsubscribePacket): void {
  const { session } = client
  if (session === undefined) return
  const answers = packet.filters.map((filter) =>
    engine.unsubscribe(session, filter) ? codes.success : codes.noSubscriptionExisted,
  )
  engine.turn.hurry()
  client.write(writeUnsuback(packet.packetId, answers, client.version))
}
