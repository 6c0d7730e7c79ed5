import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import { decodeMessage } from '../../../app/session/records.ts'
import type { Durable } from '../stores/durable.ts'
import { retainedBucket } from '../stores/keys.ts'
import type { Rejoined, SharedStore } from '../stores/shared-store.ts'
import type { ClusterShares } from './cluster-shares.ts'
import { codes } from './reason-codes.ts'
import type { Retained } from './retained.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { Served } from './served.ts'
import type { SessionKeeper } from './session-keeper.ts'

/** What a broker has when it is not known any more to those that it shares a store with. */
export interface Standing {
  readonly durable: Durable
  readonly store: SharedStore
  readonly keeper: SessionKeeper
  readonly retained: Retained
  readonly shares: ClusterShares
  /** Client Identifiers whose Sessions are this broker's. */
  readonly owned: Set<string>
  /** @returns the message as one of this broker's own */
  adopted(message: ApplicationMessage): RoutedMessage
  onProblem(error: Error): void
  /** Tries again until it is done. */
  retrying<T>(what: () => Promise<T>): Promise<T>
}

/** Makes a broker known again, and what it has agree with what it has found. */
export async function rejoin(standing: Standing): Promise<void> {
  const { owned, retrying, shares, store } = standing
  const rejoined = await retrying(() => store.rejoin(owned))
  settleIn(standing, rejoined)
  if (rejoined.isGone) return
  await retrying(() => readRetained(standing))
  await retrying(() => readMembers(store, shares))
}

/** Who is a member of Shared Subscriptions, and where, as it is stored. */
export async function readMembers(store: SharedStore, shares: ClusterShares): Promise<void> {
  for (const [key, value] of await store.members()) {
    const [group, matches, clientId] = JSON.parse(key) as [string, string, string]
    shares.hear({ type: 'member', group, matches, clientId, broker: Buffer.from(value).toString(), isThere: true })
  }
}

/**
 * Makes what this broker has agree with what it has found. Where all that was stored is gone it is written
 * again, for nothing that was acknowledged may be lost; where others have its Sessions, its clients are sent away, and
 * find their Sessions there.
 */
function settleIn(standing: Standing, { isGone, owned }: Rejoined): void {
  const { durable, keeper, onProblem, store } = standing
  if (!isGone) {
    onProblem(
      new Error(`others had not heard of this broker for too long, and have its Sessions: clients have to come again`),
    )
    // What they were promised counts for nothing: those who have their Sessions do not know of it.
    durable.commit.forget(false)
    giveUp(standing, [...keeper.all()])
    durable.commit.forget(true)
    standing.owned.clear()
    return
  }
  onProblem(new Error(`${store.name} has lost all that was in it: this broker writes what it has once more`))
  const mine = new Set(owned)
  const others = [...keeper.all()].filter(({ session }) => !mine.has(session.clientId))
  giveUp(standing, others)
  for (const { session } of others) standing.owned.delete(session.clientId)
  writeAgain(standing)
}

/** Sessions that are served elsewhere: they do not end, and their wills are not for this broker to publish. */
function giveUp({ durable, keeper, shares }: Standing, all: readonly Served[]): void {
  for (const served of all) {
    const { session } = served
    served.will?.timer?.dispose()
    served.will = undefined
    // From here on nothing of it is written.
    session.expiry = 0
    durable.journal.handedOver(session.clientId)
    shares.leave(() => {
      served.client?.close('another broker has its Session', codes.serverBusy, 'failed')
      if (keeper.find(session.clientId) === served) keeper.handOver(served)
    })
  }
}

function writeAgain({ durable, keeper, retained, shares }: Standing): void {
  for (const served of keeper.all()) {
    keeper.save(served)
    if (served.session.isKept) durable.journal.rewritten(served.session)
  }
  for (const message of retained.all()) if (!message.topic.startsWith('$SYS/')) durable.retained(message)
  shares.sayAgain()
}

/** The retained messages as others have left them: the log may not say any more what became of them. */
async function readRetained({ adopted, retained, store }: Standing): Promise<void> {
  const from = store.position
  const found = new Map<string, ApplicationMessage>()
  await store.load((bucket, topic, value) => {
    if (bucket === retainedBucket) found.set(topic, decodeMessage(value))
  })
  const later = await store.since(from)
  for (const message of retained.all()) {
    if (found.has(message.topic) || message.topic.startsWith('$SYS/')) continue
    retained.set(adopted({ ...message, payload: new Uint8Array(0) }))
  }
  for (const message of found.values()) retained.set(adopted(message))
  // What was read from the log meanwhile is newer than what was loaded.
  for (const { kind, value } of later) {
    const message = kind === 'message' ? decodeMessage(value) : undefined
    if (message?.retain) retained.set(adopted(message))
  }
}
