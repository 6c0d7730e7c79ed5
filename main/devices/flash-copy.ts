import type { FlashChange, FlashContent } from './messages.ts'

/** What the main thread keeps of one device's flash, for when the worker that has it is gone. */
export class FlashCopy {
  readonly #values = new Map<string, string>()
  #revision = 0

  apply(changes: readonly FlashChange[]): void {
    for (const { key, revision, value } of changes) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
      this.#revision = Math.max(this.#revision, revision)
    }
  }

  /** For a message to a worker, which copies it. */
  get content(): FlashContent {
    return { revision: this.#revision, values: this.#values }
  }
}
