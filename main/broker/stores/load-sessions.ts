import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { Outgoing } from '../../../app/session/outgoing.ts'
import { RecordError } from '../../../app/session/record-octets.ts'
import {
  decodeMessage,
  decodeOutgoing,
  decodeReceived,
  decodeSession,
  decodeSubscription,
} from '../../../app/session/records.ts'
import type { SessionRecord } from '../../../app/session/session-record.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import { clientIdOf, headKey, retainedBucket, sessionBucket } from './keys.ts'
import type { Store } from './store.ts'

export interface StoredSession {
  readonly clientId: string
  readonly record: SessionRecord
  readonly subscriptions: readonly Subscription[]
  /** In the order in which they go out. */
  readonly outgoing: readonly Outgoing[]
  /** Packet Identifiers of QoS 2 that are not released, and since when. */
  readonly incoming: ReadonlyMap<number, number>
}

/** What a store has. */
export interface Stored {
  readonly sessions: readonly StoredSession[]
  readonly retained: readonly ApplicationMessage[]
  /** The highest number of a message, and the highest turn. */
  readonly lastMessage: number
  readonly lastTurn: number
}

interface Found {
  record: SessionRecord | undefined
  readonly subscriptions: Subscription[]
  readonly outgoing: { readonly outgoing: Outgoing; readonly turn: number }[]
  readonly incoming: Map<number, number>
}

/**
 * Reads all that a store has.
 *
 * @param message what becomes of each Application Message
 * @throws FaultlineError `file-unreadable` where it is damaged, or is of another program
 */
export async function loadSessions(
  store: Store,
  message: (message: ApplicationMessage) => ApplicationMessage,
): Promise<Stored> {
  const reading = new Reading(message)
  await store.load((bucket, key, value) => takeFrom(store, reading, bucket, key, value))
  const sessions = [...reading.sessions].map(([clientId, found]) => finish(store, clientId, found))
  return { sessions, retained: reading.retained, lastMessage: reading.lastMessage, lastTurn: reading.lastTurn }
}

/**
 * One Session by what is in its bucket; undefined where there is nothing.
 *
 * @throws FaultlineError `file-unreadable` as `loadSessions`
 */
export function readSession(
  store: Store,
  clientId: string,
  values: readonly (readonly [key: string, value: Uint8Array])[],
  message: (message: ApplicationMessage) => ApplicationMessage,
): { readonly session: StoredSession; readonly lastTurn: number } | undefined {
  const reading = new Reading(message)
  for (const [key, value] of values) takeFrom(store, reading, sessionBucket(clientId), key, value)
  const found = reading.sessions.get(clientId)
  return found && { session: finish(store, clientId, found), lastTurn: reading.lastTurn }
}

function takeFrom(store: Store, reading: Reading, bucket: string, key: string, value: Uint8Array): void {
  try {
    reading.take(bucket, key, value)
  } catch (error) {
    if (error instanceof RecordError) throw damaged(store, `${bucket} ${key}: ${messageOf(error)}`)
    throw error
  }
}

class Reading {
  readonly sessions = new Map<string, Found>()
  readonly retained: ApplicationMessage[] = []
  lastMessage = 0
  lastTurn = 0
  readonly #message: (message: ApplicationMessage) => ApplicationMessage

  constructor(message: (message: ApplicationMessage) => ApplicationMessage) {
    this.#message = (read) => {
      this.lastMessage = Math.max(this.lastMessage, read.origin.message)
      return message(read)
    }
  }

  take(bucket: string, key: string, value: Uint8Array): void {
    const clientId = clientIdOf(bucket)
    if (bucket === retainedBucket) this.retained.push(this.#message(decodeMessage(value)))
    else if (clientId === undefined) throw new RecordError('there is nothing of this name')
    else this.#takeOf(this.#found(clientId), key, value)
  }

  #takeOf(found: Found, key: string, value: Uint8Array): void {
    if (key === headKey) found.record = decodeSession(value)
    else if (key.startsWith('s')) found.subscriptions.push(decodeSubscription(value))
    else if (key.startsWith('i')) found.incoming.set(Number(key.slice(1)), decodeReceived(value))
    else if (key.startsWith('o')) {
      const read = decodeOutgoing(value, this.#message)
      this.lastTurn = Math.max(this.lastTurn, read.turn)
      found.outgoing.push(read)
    } else throw new RecordError('there is nothing of this name')
  }

  #found(clientId: string): Found {
    const known = this.sessions.get(clientId)
    if (known !== undefined) return known
    const fresh: Found = { record: undefined, subscriptions: [], outgoing: [], incoming: new Map() }
    this.sessions.set(clientId, fresh)
    return fresh
  }
}

function finish(store: Store, clientId: string, { record, subscriptions, outgoing, incoming }: Found): StoredSession {
  if (record === undefined) throw damaged(store, `the Session of ${clientId} has no record`)
  // PUBREL in the order of PUBREC [MQTT-4.6.0-4], PUBLISH in the order in which the messages came [MQTT-4.6.0-5].
  outgoing.sort((a, b) => a.turn - b.turn || a.outgoing.ordinal - b.outgoing.ordinal)
  return { clientId, record, subscriptions, outgoing: outgoing.map((read) => read.outgoing), incoming }
}

function damaged({ name }: Store, what: string): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `${name} is damaged, or is of a later version of Faultline: ${what}`,
    hint: 'nothing in it was changed; use another --data folder, or move this one away, to begin with an empty store',
  })
}
