import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Event } from '../../app/base/emitter.ts'

/** What is waited for: when it is disposed of, nothing waits any more, and no timer is left. What waited never settles. */
export class OpenWaits implements Disposable {
  readonly #clock: Clock
  readonly #open = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after so many milliseconds. */
  async pass(ms: number): Promise<void> {
    await this.until(() => undefined, [], ms)
  }

  /** Looks now, and whenever one of the events fires, until there is something; gives undefined after `ms` milliseconds. */
  until<Found>(
    look: () => Found | undefined,
    events: readonly Event<unknown>[],
    ms: number,
  ): Promise<Found | undefined> {
    const now = look()
    if (now !== undefined) return Promise.resolve(now)
    return new Promise((resolve, reject) => {
      const listening: Disposable[] = []
      const end = () => {
        this.#open.delete(end)
        for (const each of listening) each.dispose()
      }
      const again = () => {
        try {
          const found = look()
          if (found === undefined) return
          end()
          resolve(found)
        } catch (error) {
          end()
          reject(error)
        }
      }
      const late = () => {
        end()
        resolve(undefined)
      }
      this.#open.add(end)
      listening.push(...events.map((event) => event(again)), this.#clock.after(ms, late))
    })
  }

  dispose(): void {
    for (const end of [...this.#open]) end()
  }
}
