import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { Wire } from '../link/wire.ts'

/** A broker that tells of a will closes the connection in the same breath. Longer than that nothing waits, in milliseconds. */
const patience = 1000

/**
 * Puts what a broker tells of a Will Message behind the event that says that its connection is closed, which is why the
 * will was published or dropped: broker and Link hear of that end one after the other, and either may be first.
 */
export class WillOrder implements Disposable {
  readonly #clock: Clock
  readonly #wire: Pick<Wire, 'whenClosed'>
  readonly #tap: Pick<Tap, 'event'>
  /** Tells one now, wherever it stands. */
  readonly #waiting = new Set<() => void>()

  constructor({ clock, wire, tap }: { clock: Clock; wire: Pick<Wire, 'whenClosed'>; tap: Pick<Tap, 'event'> }) {
    this.#clock = clock
    this.#wire = wire
    this.#tap = tap
  }

  take(connection: number, event: ConnectionEvent): void {
    if (event.type !== 'will published' && event.type !== 'will dropped') {
      this.#tap.event(connection, event)
      return
    }
    let late: Disposable | undefined
    const tell = () => {
      if (!this.#waiting.delete(tell)) return
      late?.dispose()
      this.#tap.event(connection, event)
    }
    this.#waiting.add(tell)
    this.#wire.whenClosed(connection, tell)
    if (this.#waiting.has(tell)) late = this.#clock.after(patience, tell)
  }

  /** Tells all that waits. */
  dispose(): void {
    for (const tell of [...this.#waiting]) tell()
  }
}
