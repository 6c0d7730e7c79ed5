import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import type { SessionSnapshot } from '../../../app/session/session-snapshot.ts'

/** How many Sessions that are over are still shown. */
const most = 1000
/** For how long one is shown that left no will behind, in milliseconds: whoever has just ended it wants to see that. */
const shownMs = 10 * 60_000

interface Ended {
  readonly session: SessionSnapshot
  readonly forgetting: Disposable | undefined
}

/** What is shown of Sessions that are over, until their client connects again. */
export class EndedSessions implements Disposable {
  readonly #clock: Clock
  readonly #forgotten: (clientId: string) => void
  /** The one that ended first comes first. */
  readonly #ended = new Map<string, Ended>()

  /** @param forgotten hears of each that is not shown any more, but for those that are deleted */
  constructor(clock: Clock, forgotten: (clientId: string) => void) {
    this.#clock = clock
    this.#forgotten = forgotten
  }

  list(): SessionSnapshot[] {
    return Array.from(this.#ended.values(), ({ session }) => session)
  }

  get(clientId: string): SessionSnapshot | undefined {
    return this.#ended.get(clientId)?.session
  }

  /** A will is mostly looked for when its device is long gone: one that was published is shown without an end. */
  add(session: SessionSnapshot): void {
    const { clientId, will } = session
    this.delete(clientId)
    const forgetting =
      will?.state === 'published' ? undefined : this.#clock.after(shownMs, () => this.#forget(clientId))
    this.#ended.set(clientId, { session, forgetting })
    if (this.#ended.size <= most) return
    const [oldest] = this.#ended.keys()
    if (oldest !== undefined) this.#forget(oldest)
  }

  delete(clientId: string): void {
    this.#ended.get(clientId)?.forgetting?.dispose()
    this.#ended.delete(clientId)
  }

  dispose(): void {
    for (const { forgetting } of this.#ended.values()) forgetting?.dispose()
    this.#ended.clear()
  }

  #forget(clientId: string): void {
    this.delete(clientId)
    this.#forgotten(clientId)
  }
}
