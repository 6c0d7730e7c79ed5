import type { Message } from './message.ts'

/** A Message in a list. */
export interface MessageDigest
  extends Pick<
    Message,
    | 'id'
    | 'topic'
    | 'qos'
    | 'retain'
    | 'origin'
    | 'publisherId'
    | 'match'
    | 'target'
    | 'state'
    | 'remark'
    | 'startedAt'
    | 'duration'
  > {
  /** The Packet Identifier that the publisher gave it; undefined at QoS 0, and where its PUBLISH was not seen. */
  readonly packetId: number | undefined
  /** Client Identifiers, at most 3 of them, each once. */
  readonly subscriberIds: string[]
  /** To how many clients it was sent. */
  readonly subscribers: number
  /** The most often that one subscriber took it as a new message. */
  readonly deliveries: number
}

/** What a list needs of an exchange with a subscriber: an `Exchange` will do. */
export interface Recipient {
  readonly clientId: string
  readonly deliveries: number
  readonly steps: readonly { readonly connection: number }[]
}

/** What a summary is made from: a `Message` will do. */
export interface Summarizable extends Omit<Message, 'payload' | 'publisher' | 'subscribers'> {
  readonly publisher: { readonly packetId: number | undefined } | undefined
  readonly subscribers: readonly Recipient[]
}

const mostNames = 3

/** What a list shows of a Message. */
export function summarizeMessage(message: Summarizable): MessageDigest {
  const { id, topic, qos, retain, origin, publisherId, match, target, state, remark, startedAt, duration } = message
  const clients = new Map<string, string>()
  for (const recipient of message.subscribers) clients.set(clientOf(recipient), recipient.clientId)
  return {
    id,
    topic,
    qos,
    retain,
    origin,
    publisherId,
    packetId: message.publisher?.packetId,
    subscriberIds: [...clients.values()].slice(0, mostNames),
    subscribers: clients.size,
    deliveries: mostDeliveries(message.subscribers),
    match,
    target,
    state,
    remark,
    startedAt,
    duration,
  }
}

/** The most often that one subscriber took a message as a new one, over all its exchanges. */
export function mostDeliveries(subscribers: readonly Recipient[]): number {
  // Mostly there is one.
  if (subscribers.length < 2) return subscribers[0]?.deliveries ?? 0
  let most = 0
  const counts = new Map<string, number>()
  for (const recipient of subscribers) {
    const client = clientOf(recipient)
    const count = (counts.get(client) ?? 0) + recipient.deliveries
    counts.set(client, count)
    most = Math.max(most, count)
  }
  return most
}

/** Where no CONNECT was seen, its connection is all that is known of a client. */
function clientOf({ clientId, steps }: Recipient): string {
  return clientId === '' ? `\u0000${steps[0]?.connection}` : clientId
}
