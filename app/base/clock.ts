import type { Disposable } from './disposable.ts'

/** The only source of time. Everything that waits or stamps takes one, so that tests and scenarios can own time. */
export interface Clock {
  /** Wall time in milliseconds since 1970-01-01T00:00Z; may have a fraction, may be skewed or jump. */
  now(): number
  /** Time in nanoseconds since an arbitrary start; never goes back. Exact in a double for 104 days. */
  monotonic(): number
  /**
   * `monotonic` as it was a moment ago, for stamps of very many things: a clock that costs something to ask may give the
   * same answer up to 16 times, within one call of the event loop at most. A clock without this is always exact.
   */
  recent?(): number
  /** Calls `run` once after `ms` milliseconds (≥ 0). */
  after(ms: number, run: () => void): Disposable
}
