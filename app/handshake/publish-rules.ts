import type { ObservedPacket } from './observed.ts'
import type { PublishFields } from './read.ts'
import type { Connection, Session } from './session.ts'
import type { TrackedExchange } from './tracked-exchange.ts'
import type { TrackedMessage } from './tracked-message.ts'

/** Topic Aliases of one direction of one connection. */
const mostAliases = 1000

/** The Topic Name, which MQTT 5 may say with an alias that it stands for [MQTT 5 §3.3.2.3.4]; undefined where it has none. */
export function topicOf(
  connection: Connection,
  { topic, alias }: PublishFields,
  toBroker: boolean,
): string | undefined {
  if (alias === undefined) return topic === '' ? undefined : topic
  const aliases = toBroker ? connection.aliasesToBroker : connection.aliasesToClient
  if (topic === '') return aliases.get(alias)
  if (aliases.size < mostAliases || aliases.has(alias)) aliases.set(alias, topic)
  return topic
}

/** DISCONNECT with this Reason Code asks for the will to be published all the same [MQTT 5 §3.14.2.1]. */
const disconnectWithWill = 0x04

export function keepsWill({ version }: Connection, octets: Uint8Array): boolean {
  return version === 5 && octets[2] === disconnectWithWill
}

/**
 * Whether a PUBLISH to a client repeats one that it was sent: the broker's number is the same, or else DUP or a new
 * connection says so. Some brokers forget DUP when they send again [MQTT-3.3.1-1].
 */
export function isSentAgain(
  exchange: TrackedExchange,
  message: TrackedMessage,
  { origin, connection }: ObservedPacket,
  dup: boolean,
): boolean {
  if (origin !== undefined && !message.origins.includes(origin.message)) return false
  if (dup) return true
  return !exchange.finished && (origin !== undefined || exchange.connection !== connection)
}

/** Whether the message was published while the client was not connected. */
export function hasMissed({ lost, reconnected }: Session, { startedAt, origin }: TrackedMessage): boolean {
  if (lost === undefined || reconnected === undefined || origin === 'retained') return false
  return startedAt > lost.time && startedAt < reconnected.time
}
