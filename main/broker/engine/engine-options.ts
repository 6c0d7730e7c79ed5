import type { Clock } from '../../../app/base/clock.ts'
import type { Access } from '../access/access.ts'
import type { Store } from '../stores/store.ts'
import type { LimitChange } from './limits.ts'
import type { ShareStrategy } from './share-group.ts'

export interface EngineOptions {
  readonly clock: Clock
  /** @default everybody may do everything */
  readonly access?: Access
  readonly limits?: LimitChange | undefined
  /** @default 'round robin' */
  readonly shareStrategy?: ShareStrategy | undefined
  /** Of the random choices that it makes. */
  readonly seed?: string | number
  /** Hears of errors that belong to no client; they go on record as warnings of the process otherwise. */
  readonly onProblem?: (error: Error) => void
  /** Where Sessions and retained messages are kept; it is the engine's from now on. @default they end with the process */
  readonly store?: Store | undefined
}
