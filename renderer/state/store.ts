import { useSyncExternalStore } from 'react'
import { Emitter } from '../../app/base/emitter.ts'

/** A value that changes, and tells of it. Values are never changed in place: a new one is set. */
export class Store<T> {
  readonly #changed = new Emitter<void>()
  #value: T

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    this.#changed.fire()
  }

  /** In the shape that React wants: gives back what ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changed.event(listener)
    return () => subscription.dispose()
  }

  readonly get = (): T => this.#value
}

/** The store's value, and a new rendering whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}
