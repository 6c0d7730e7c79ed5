import { type Disposable, toDisposable } from './disposable.ts'

/** Subscribes a listener; dispose to stop. */
export type Event<T> = (listener: (value: T) => void) => Disposable

/**
 * A typed source of events. Listeners run in the order in which they subscribed. A listener that throws does not keep
 * the others from running: its error goes to `onListenerError`, because the source of an event cannot do anything
 * about a fault in its audience.
 */
export class Emitter<T> implements Disposable {
  #listeners = new Set<(value: T) => void>()
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = rethrowLater) {
    this.#onListenerError = onListenerError
  }

  readonly event: Event<T> = (listener) => {
    // A wrapper of its own lets the same function subscribe twice and leave once.
    const entry = (value: T) => listener(value)
    this.#listeners.add(entry)
    return toDisposable(() => this.#listeners.delete(entry))
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0
  }

  dispose(): void {
    this.#listeners.clear()
  }
}

function rethrowLater(error: unknown): void {
  // Unhandled on purpose: it surfaces as an unhandled rejection instead of vanishing.
  void Promise.reject(error)
}
