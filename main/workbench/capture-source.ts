import type { Event } from '../../app/base/emitter.ts'
import type { ConnectionNames } from '../../app/capture/subject.ts'
import type { ConnectionSnapshot } from '../../app/contract/contract.ts'

/** A capture that can be looked at: the running one, or a recording. Records are numbered without a gap. */
export interface CaptureSource {
  /** The number of the oldest record that is there. */
  readonly first: number
  /** The number that the next record would have. */
  readonly next: number
  /** A `packBatch` block of at most `limit` records from number `from` on, or from the oldest that is still there. */
  read(from: number, limit: number): Uint8Array
  /** Fires when there are more records; absent where there never will be. */
  readonly onRecorded?: Event<void> | undefined
  readonly names: ConnectionNames
  /** Wall time at which its time is 0, in milliseconds since 1970. */
  readonly captureStart: number
  /** What is known of its connections now. */
  readonly connections: readonly ConnectionSnapshot[]
}
