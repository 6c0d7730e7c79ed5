import type { Clock } from '../../app/base/clock.ts'

/** Keeps a worker that cannot live from being restarted for ever: so many times in a minute, then no more. */
export class RestartLimit {
  readonly most = 5
  readonly #clock: Clock
  #restarts: number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a restart; false when there were too many. */
  mayRestart(): boolean {
    const now = this.#clock.monotonic() / 1e9
    this.#restarts = this.#restarts.filter((time) => now - time < 60)
    this.#restarts.push(now)
    return this.#restarts.length < this.most
  }
}
