import { Emitter } from '../../app/base/emitter.ts'
import type { OpenWaits } from './wait-for.ts'

/** What `expect.poll` asks is the script's own, and may never come back: here is who knows when that has taken too long. */
export class Polls {
  readonly #waits: OpenWaits
  readonly #ended = new Set<number>()
  readonly #change = new Emitter<void>()

  constructor(waits: OpenWaits) {
    this.#waits = waits
  }

  /** Resolves when it has ended, or has not within so many milliseconds. */
  async begin(poll: number, ms: number): Promise<{ readonly late: boolean }> {
    const hasEnded = () => this.#ended.delete(poll) || undefined
    return { late: (await this.#waits.until(hasEnded, [this.#change.event], ms)) === undefined }
  }

  end(poll: number): void {
    this.#ended.add(poll)
    this.#change.fire()
  }
}
