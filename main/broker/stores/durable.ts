import type { Clock } from '../../../app/base/clock.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { RetainedStore } from '../engine/aedes-heart.ts'
import type { Outbox } from '../engine/outbox.ts'
import { GroupCommit } from './group-commit.ts'
import { HeldOutbox } from './held-outbox.ts'
import { loadSessions, type Stored } from './load-sessions.ts'
import { isShared, type SharedStore } from './shared-store.ts'
import type { Store } from './store.ts'
import type { StoreHealth } from './store-health.ts'
import { StoredJournal } from './stored-journal.ts'

/** What an engine needs of a store. */
export interface Durable {
  readonly journal: StoredJournal
  /** The store, where several brokers may share it. */
  readonly shared: SharedStore | undefined
  /** What all of them write with. */
  readonly commit: GroupCommit
  readonly outbox: Outbox & { readonly health: StoreHealth }
  /** What was there when it was opened. */
  readonly stored: Stored
  /** A retained message is to be kept; one without a payload deletes. */
  retained(message: ApplicationMessage): void
  /** From now on what the store does not take is given up. */
  stop(): void
  /** When all is written. */
  close(): Promise<void>
}

/**
 * Reads what a store has, and writes to it from then on.
 *
 * @param message what becomes of each stored Application Message
 * @throws FaultlineError `file-unreadable`
 */
export async function openDurable(
  store: Store,
  clock: Clock,
  message: (message: ApplicationMessage) => ApplicationMessage,
  onProblem: (error: Error) => void,
): Promise<Durable> {
  const stored = await loadSessions(store, message)
  const commit = new GroupCommit(store, clock, onProblem)
  const clientIds = stored.sessions.map(({ clientId }) => clientId)
  const journal = new StoredJournal(commit, clock, { clientIds, turn: stored.lastTurn })
  return {
    journal,
    commit,
    shared: isShared(store) ? store : undefined,
    outbox: new HeldOutbox(commit),
    stored,
    retained: (retained) => journal.retained(retained),
    stop: () => commit.stop(),
    async close() {
      commit.stop()
      await commit.flush()
      await store.close().catch(onProblem)
    },
  }
}

/** aedes' place for retained messages, with what is stored there written to the store in the same turn. */
export function writeThrough(durable: Durable | undefined, persistence: RetainedStore): RetainedStore {
  // Where several brokers share it, a message is written when it goes into the log, by the one that puts it there.
  if (durable === undefined || durable.shared !== undefined) return persistence
  return {
    storeRetained(message) {
      durable.retained(message as ApplicationMessage)
      return persistence.storeRetained(message)
    },
  }
}
