import type { Clock } from '../../../app/base/clock.ts'
import type { Store } from './store.ts'

/** Where a broker keeps Sessions and retained messages. */
export type StoreChoice =
  /** They end with the process. */
  | { readonly type: 'memory' }
  /** A LevelDB in a folder of its own. */
  | { readonly type: 'level'; readonly folder: string }
  /** A database of a Redis, which other brokers may share. */
  | { readonly type: 'redis'; readonly url: string }

/**
 * Opens it; undefined where nothing is kept.
 *
 * @throws FaultlineError `conflict`, `connection-closed`, `file-unreadable`, `file-unwritable`
 */
export async function openStore(choice: StoreChoice, clock: Clock): Promise<Store | undefined> {
  if (choice.type === 'memory') return undefined
  // Their packages are large, and most brokers need none of them.
  if (choice.type === 'level') {
    const { LevelStore } = await import('./level-store.ts')
    return LevelStore.open(choice.folder)
  }
  const { RedisStore } = await import('./redis-store.ts')
  return RedisStore.open(choice.url, clock)
}
