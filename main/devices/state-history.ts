import type { StateEntry } from '../../app/device/device-snapshot.ts'

/** Changes of state that are kept for each device. */
export const mostEntries = 100

/** The newest changes of one device's state. */
export class StateHistory {
  readonly #entries: StateEntry[] = []
  #dropped = 0

  add({ time, state, reason }: StateEntry): void {
    this.#entries.push({ time, state, reason })
    const over = Math.max(0, this.#entries.length - mostEntries)
    this.#entries.splice(0, over)
    this.#dropped += over
  }

  /** Oldest first; `dropped` counts the older ones that are gone. */
  read(): { entries: StateEntry[]; dropped: number } {
    return { entries: [...this.#entries], dropped: this.#dropped }
  }
}
