import type { Clock } from '../../../app/base/clock.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { Outgoing } from '../../../app/session/outgoing.ts'
import {
  encodeMessage,
  encodeOutgoing,
  encodeReceived,
  encodeSession,
  encodeSubscription,
} from '../../../app/session/records.ts'
import type { SessionRecord } from '../../../app/session/session-record.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Journal } from '../engine/journal.ts'
import type { ServedSession } from '../engine/served-session.ts'
import type { GroupCommit } from './group-commit.ts'
import { headKey, incomingKey, outgoingKey, retainedBucket, sessionBucket, subscriptionKey } from './keys.ts'

/** Puts what happens to Sessions, and to retained messages, into a store. */
export class StoredJournal implements Journal {
  readonly #commit: GroupCommit
  readonly #clock: Clock
  /** Client Identifiers of the Sessions that have a bucket. */
  readonly #written: Set<string>
  #turn: number
  #listener: ((clientId: string) => void) | undefined

  /** @param stored what the store has already; `turn` is the highest that was given */
  constructor(
    commit: GroupCommit,
    clock: Clock,
    stored: { readonly clientIds: Iterable<string>; readonly turn: number },
  ) {
    this.#commit = commit
    this.#clock = clock
    this.#written = new Set(stored.clientIds)
    this.#turn = stored.turn
  }

  saved(clientId: string, record: SessionRecord): void {
    this.#written.add(clientId)
    this.#commit.put(sessionBucket(clientId), headKey, encodeSession(record))
  }

  /** Its bucket is this broker's now. @param turn the highest in it */
  adopted(clientId: string, turn: number): void {
    this.#written.add(clientId)
    this.#turn = Math.max(this.#turn, turn)
  }

  /** Its bucket is another broker's now. */
  handedOver(clientId: string): void {
    this.#written.delete(clientId)
  }

  /** All that is in a Session, where the store has lost it. Its head is saved besides. */
  rewritten({ clientId, incoming, outgoing, subscriptions }: Readonly<ServedSession>): void {
    for (const subscription of subscriptions.values()) this.subscribed(clientId, subscription)
    for (const sent of outgoing.inflight.values()) this.outgoing(clientId, sent)
    for (const waiting of outgoing.waitingMessages()) if (waiting.qos > 0) this.outgoing(clientId, waiting)
    for (const packetId of incoming.keys()) this.received(clientId, packetId)
  }

  /** @param listener hears of each Session that is removed. Set once. */
  listen(listener: (clientId: string) => void): void {
    this.#listener = listener
  }

  removed(clientId: string): void {
    this.#listener?.(clientId)
    if (this.#written.delete(clientId)) this.#commit.drop(sessionBucket(clientId))
  }

  subscribed(clientId: string, subscription: Subscription): void {
    this.#commit.put(sessionBucket(clientId), subscriptionKey(subscription.filter), encodeSubscription(subscription))
  }

  unsubscribed(clientId: string, filter: string): void {
    this.#commit.delete(sessionBucket(clientId), subscriptionKey(filter))
  }

  outgoing(clientId: string, outgoing: Outgoing): void {
    const turn = outgoing.state === 'awaiting PUBCOMP' ? ++this.#turn : 0
    this.#commit.put(sessionBucket(clientId), outgoingKey(outgoing.ordinal), encodeOutgoing(outgoing, turn))
  }

  outgoingGone(clientId: string, { ordinal, qos }: Outgoing): void {
    if (qos > 0) this.#commit.delete(sessionBucket(clientId), outgoingKey(ordinal))
  }

  received(clientId: string, packetId: number): void {
    this.#commit.put(sessionBucket(clientId), incomingKey(packetId), encodeReceived(this.#clock.now()))
  }

  released(clientId: string, packetId: number): void {
    this.#commit.delete(sessionBucket(clientId), incomingKey(packetId))
  }

  /** One without a payload deletes what the topic has. */
  retained(message: ApplicationMessage): void {
    if (message.payload.length === 0) this.#commit.delete(retainedBucket, message.topic)
    else this.#commit.put(retainedBucket, message.topic, encodeMessage(message))
  }
}
