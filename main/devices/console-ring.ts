import type { ConsoleLine } from '../../app/device/device-snapshot.ts'

/** Lines that are kept for each device. */
export const mostLines = 500

/** The newest lines of one device's console. */
export class ConsoleRing {
  readonly #lines: ConsoleLine[] = []
  /** Lines that are gone: pushed out by newer ones, or never passed on because there were too many. */
  #dropped = 0

  add(lines: readonly ConsoleLine[], dropped = 0): void {
    this.#lines.push(...lines)
    const over = Math.max(0, this.#lines.length - mostLines)
    this.#lines.splice(0, over)
    this.#dropped += dropped + over
  }

  read(): { lines: ConsoleLine[]; dropped: number } {
    return { lines: [...this.#lines], dropped: this.#dropped }
  }
}
