import type { ToGuest } from '../../../app/script-api/crossing.ts'

export interface InboxOptions {
  /** The script runs: the sandbox cannot be entered twice. */
  readonly inside: () => boolean
  /** The script is not to be told anything until `wake`. */
  readonly still: () => boolean
  readonly tell: (event: ToGuest, octets: Uint8Array | undefined) => void
}

/** What has happened to a device and its script does not know yet, in order. */
export class Inbox {
  readonly #options: InboxOptions
  readonly #waiting: { readonly event: ToGuest; readonly octets: Uint8Array | undefined }[] = []
  #drain: NodeJS.Immediate | undefined

  constructor(options: InboxOptions) {
    this.#options = options
  }

  /** Tells the script at once, or as soon as it can be told. */
  deliver(event: ToGuest, octets?: Uint8Array): void {
    this.#waiting.push({ event, octets })
    if (this.#options.inside() || this.#waiting.length > 1) this.wake()
    else this.#empty()
  }

  /** Tells what waits in the next turn of the loop. */
  wake(): void {
    if (this.#waiting.length > 0) this.#drain ??= setImmediate(() => this.#empty())
  }

  /** There is nobody left to tell. */
  clear(): void {
    this.#waiting.length = 0
  }

  /** What comes while this runs has to wait for the next turn of the loop, in which every device has one. */
  #empty(): void {
    clearImmediate(this.#drain)
    this.#drain = undefined
    if (this.#options.still()) return
    for (let left = this.#waiting.length; left > 0; left--) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#options.tell(next.event, next.octets)
    }
    this.wake()
  }
}
