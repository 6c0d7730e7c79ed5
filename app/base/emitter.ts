import { type Disposable, toDisposable } from './disposable.ts'

/** Subscribes a listener; dispose to stop. */
export type Event<T> = (listener: (value: T) => void) => Disposable

/**
 * A typed source of events. Listeners run in the order in which they subscribed; one that subscribes while an event is
 * fired hears of the next, one that leaves hears of nothing more. A listener that throws does not keep the others from
 * running: its error goes to `onListenerError`, because the source of an event cannot do anything about a fault in its
 * audience.
 */
export class Emitter<T> implements Disposable {
  // Replaced, never changed, so that `fire` can walk it without a copy: there is an event for every packet.
  #listeners: readonly Entry<T>[] = []
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = rethrowLater) {
    this.#onListenerError = onListenerError
  }

  readonly event: Event<T> = (listener) => {
    // An entry of its own lets the same function subscribe twice and leave once.
    const entry: Entry<T> = { listener, left: false }
    this.#listeners = [...this.#listeners, entry]
    return toDisposable(() => {
      entry.left = true
      this.#listeners = this.#listeners.filter((other) => other !== entry)
    })
  }

  fire(value: T): void {
    for (const entry of this.#listeners) {
      if (entry.left) continue
      try {
        entry.listener(value)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }

  get hasListeners(): boolean {
    return this.#listeners.length > 0
  }

  dispose(): void {
    for (const entry of this.#listeners) entry.left = true
    this.#listeners = []
  }
}

interface Entry<T> {
  readonly listener: (value: T) => void
  left: boolean
}

function rethrowLater(error: unknown): void {
  // Unhandled on purpose: it surfaces as an unhandled rejection instead of vanishing.
  void Promise.reject(error)
}
