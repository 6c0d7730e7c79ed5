import { joinMatches, type Match } from '../../../app/session/subscription.ts'
import { TopicTree } from '../../../app/session/topic-tree.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { ServedSession } from './served-session.ts'

/** Gives a message to one Session, joined from all of its Subscriptions that match, as the router does. */
export function giveMissed(session: ServedSession, message: RoutedMessage): void {
  const topics = new TopicTree<true>()
  topics.set(message.topic, true)
  let match: Match | undefined
  for (const subscription of session.subscriptions.values()) {
    if (subscription.noLocal && message.origin.clientId === session.clientId) continue
    if (topics.match(subscription.matches).length === 0) continue
    // Groups have been given it by the broker whose turn it was, or will be.
    if (subscription.group !== undefined) continue
    match = match === undefined ? subscription : joinMatches(match, subscription)
  }
  if (match !== undefined) session.deliver(message, match)
}
