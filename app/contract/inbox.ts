import { Emitter } from '../base/emitter.ts'
import type { Transport } from './transport.ts'

/**
 * Shared by every transport: keeps what arrives before somebody listens, tells of the close once.
 * An adapter calls `receive` and `closed` and gives its own `send` and `close`.
 */
export class Inbox {
  readonly #messages = new Emitter<unknown>()
  readonly #close = new Emitter<void>()
  #pending: unknown[] = []
  #delivering = false
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  receive(message: unknown): void {
    if (this.#isClosed) return
    this.#pending.push(message)
    this.#deliver()
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#close.fire()
  }

  readonly onMessage: Transport['onMessage'] = (listener) => {
    const subscription = this.#messages.event(listener)
    this.#deliver()
    return subscription
  }

  readonly onClose: Transport['onClose'] = (listener) => {
    const subscription = this.#close.event(listener)
    if (this.#isClosed) listener()
    return subscription
  }

  /** One after the other also when a listener, while it is called, causes the next message or stops listening. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    while (this.#pending.length > 0 && this.#messages.hasListeners) this.#messages.fire(this.#pending.shift())
    this.#delivering = false
  }
}
