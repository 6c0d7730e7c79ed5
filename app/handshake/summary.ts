import type { Message } from './message.ts'
import { mostDeliveries } from './tracked-message.ts'

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

const mostNames = 3

/** What a list shows of a Message. */
export function summarizeMessage(message: Message): MessageDigest {
  const { id, topic, qos, retain, origin, publisherId, match, state, remark, startedAt, duration } = message
  const clients = new Map<string, string>()
  for (const { clientId, steps } of message.subscribers) {
    // A client without a name is told apart by its connection.
    clients.set(clientId === '' ? `\u0000${steps[0]?.connection}` : clientId, clientId)
  }
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
    state,
    remark,
    startedAt,
    duration,
  }
}
