import { Emitter } from '../base/emitter.ts'
import type { Transport } from './transport.ts'

/**
 * Shared by every transport: keeps what arrives before somebody listens, tells of the close once.
 * An adapter calls `receive` and `closed` and gives its own `send` and `close`.
 */
export class Inbox {
  readonly #messages = new Emitter<unknown>()
  readonly #close = new Emitter<void>()
  #early: unknown[] = []
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  receive(message: unknown): void {
    if (this.#isClosed) return
    if (this.#messages.hasListeners) this.#messages.fire(message)
    else this.#early.push(message)
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#close.fire()
  }

  readonly onMessage: Transport['onMessage'] = (listener) => {
    const subscription = this.#messages.event(listener)
    for (const message of this.#early.splice(0)) this.#messages.fire(message)
    return subscription
  }

  readonly onClose: Transport['onClose'] = (listener) => {
    const subscription = this.#close.event(listener)
    if (this.#isClosed) listener()
    return subscription
  }
}
