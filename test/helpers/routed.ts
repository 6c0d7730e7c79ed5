import type { QoS } from '../../app/mqtt/control-packet.ts'
import type { Subscription } from '../../app/session/subscription.ts'
import { RoutedMessage } from '../../main/broker/engine/routed-message.ts'

let messages = 0

/** A message as the engine routes it; what is not said is nothing. */
export function routedMessage(topic: string, message: Partial<RoutedMessage> = {}): RoutedMessage {
  const { expiresAt, payload = new Uint8Array([1]), properties, qos = 0, retain = false } = message
  const origin = message.origin ?? { message: ++messages, kind: 'publish' as const, clientId: 'publisher' }
  return new RoutedMessage('test', { topic, payload, qos, retain, properties, expiresAt, origin })
}

/** A Subscription as it was granted. @param filter without `$share/…` */
export function granted(filter: string, how: Partial<Subscription> = {}): Subscription {
  const { group, qos = 0 as QoS } = how
  return {
    filter: group === undefined ? filter : `$share/${group}/${filter}`,
    matches: filter,
    group,
    qos,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    identifiers: undefined,
    ...how,
  }
}
