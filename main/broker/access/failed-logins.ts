import type { Clock } from '../../../app/base/clock.ts'

/** How long a failure counts, in milliseconds. */
const rememberedMs = 60_000
/** Addresses and user names that are remembered. */
const mostRemembered = 10_000
/** More than that makes no difference. */
const mostCounted = 100_000

/** Who has shown a wrong password lately: from which address, and as whom. */
export class FailedLogins {
  readonly #clock: Clock
  /** The newest failure is the last one. */
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns how often, at most 100,000 */
  from(address: string): number {
    return this.#count(`from ${address}`)
  }

  /** @returns how often, at most 100,000 */
  as(userName: string): number {
    return this.#count(`as ${userName}`)
  }

  add(address: string, userName: string): void {
    this.#addTo(`from ${address}`)
    this.#addTo(`as ${userName}`)
  }

  #count(key: string): number {
    const failure = this.#failures.get(key)
    return failure === undefined || this.#now() - failure.at > rememberedMs ? 0 : failure.count
  }

  #addTo(key: string): void {
    const count = Math.min(this.#count(key) + 1, mostCounted)
    this.#failures.delete(key)
    this.#failures.set(key, { count, at: this.#now() })
    if (this.#failures.size <= mostRemembered) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }

  #now(): number {
    return this.#clock.monotonic() / 1e6
  }
}
