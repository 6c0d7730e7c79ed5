import { TopicTree } from '../../../app/session/topic-tree.ts'
import type { Client } from './client.ts'
import type { ClientIdentity, Served } from './served.ts'
import type { ServedSession } from './served-session.ts'
import type { Services } from './services.ts'

/**
 * A Session is resumed by whoever names its Client Identifier, perhaps as another user, and the rules may have changed
 * while nobody was there: Subscriptions that would not be granted now are taken away, with what waits because of them.
 *
 * @param served before the client is served in it
 */
export function withdrawDenied(engine: Services, client: Client, served: Served, identity: ClientIdentity): void {
  const { session } = served
  const denied: { readonly filter: string; readonly rule: string }[] = []
  for (const { filter } of session.subscriptions.values()) {
    const { allowed, rule } = engine.access.maySubscribe(identity, filter)
    if (!allowed) denied.push({ filter, rule })
  }
  if (denied.length === 0 && isSameUser(served.identity, identity)) return
  for (const { filter } of denied) engine.unsubscribe(session, filter)
  // Also what was for a Subscription that the user before has ended: this one may never have had a right to it.
  const messages = withdrawRest(session)
  const besides = messages === 0 ? '' : `, and ${messages} messages that waited`
  for (const { filter, rule } of denied) {
    engine.refused(client, 'subscribe', filter, `${rule}; taken from its Session${besides}`)
  }
}

function isSameUser(before: ClientIdentity, now: ClientIdentity): boolean {
  return before.userName === now.userName && (before.isClaimed ?? false) === (now.isClaimed ?? false)
}

/** What no Subscription that is left is for. @returns how many messages it was */
function withdrawRest(session: ServedSession): number {
  const { outgoing, subscriptions } = session
  if (outgoing.waiting === 0 && outgoing.inflight.size === 0) return 0
  const topics = new TopicTree<string>()
  for (const { message } of outgoing.waitingMessages()) topics.set(message.topic, message.topic)
  for (const { message } of outgoing.inflight.values()) topics.set(message.topic, message.topic)
  const wanted = new Set<string>()
  for (const { matches } of subscriptions.values()) {
    for (const topic of topics.match(matches)) wanted.add(topic)
  }
  return session.withdraw((topic) => wanted.has(topic))
}
