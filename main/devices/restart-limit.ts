import type { Clock } from '../../app/base/clock.ts'

/** In a minute; the last of them is none any more. */
export const mostRestarts = 5

/**
 * Keeps a worker that cannot live from being restarted for ever: so many times in a minute for each cause, then no more.
 * A cause is a script, so that one that takes down all of its devices, one after the other, is stopped, and the strangers
 * that share the thread with it are not.
 */
export class RestartLimits {
  readonly #clock: Clock
  readonly #restarts = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a restart; false when there were too many. */
  mayRestart(cause: string): boolean {
    const now = this.#clock.monotonic() / 1e9
    const restarts = (this.#restarts.get(cause) ?? []).filter((time) => now - time < 60)
    restarts.push(now)
    this.#restarts.set(cause, restarts)
    return restarts.length < mostRestarts
  }
}
