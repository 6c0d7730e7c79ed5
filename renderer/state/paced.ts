import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import type { Store } from './store.ts'

/** Changes are gathered for this long at least, in milliseconds. */
const gatherMs = 50
/** Making the value takes at most one part in so many of the time. */
const share = 10

/**
 * A value made from stores. While somebody listens it is made anew after they changed, but never so often that the making
 * takes more than a tenth of the time: with ten thousand clients a list costs milliseconds, and its stores change sixty
 * times a second.
 */
export class Paced<T> {
  readonly #clock: Clock
  readonly #sources: readonly Store<unknown>[]
  readonly #make: () => T
  readonly #changed = new Emitter<void>()
  #listeners = 0
  #subscriptions: (() => void)[] = []
  #timer: Disposable | undefined
  #made: { readonly from: readonly unknown[]; readonly value: T } | undefined
  #waitMs = gatherMs

  constructor(clock: Clock, sources: readonly Store<unknown>[], make: () => T) {
    this.#clock = clock
    this.#sources = sources
    this.#make = make
  }

  /** The value; while nobody listens it is always of now. */
  readonly get = (): T => {
    const made = this.#made
    if (made === undefined) return this.#renew()
    return this.#listeners === 0 && !this.#isOfNow() ? this.#renew() : made.value
  }

  /** In the shape that React wants: gives back what ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changed.event(listener)
    if (this.#listeners++ === 0) this.#listen()
    return () => {
      subscription.dispose()
      if (--this.#listeners === 0) this.#rest()
    }
  }

  #listen(): void {
    this.#subscriptions = this.#sources.map((source) => source.subscribe(() => this.#soon()))
    if (!this.#isOfNow()) this.#soon()
  }

  #rest(): void {
    for (const end of this.#subscriptions) end()
    this.#subscriptions = []
    this.#timer?.dispose()
    this.#timer = undefined
  }

  #soon(): void {
    this.#timer ??= this.#clock.after(this.#waitMs, () => {
      this.#timer = undefined
      this.#renew()
      this.#changed.fire()
    })
  }

  #isOfNow(): boolean {
    return this.#sources.every((source, i) => source.value === this.#made?.from[i])
  }

  #renew(): T {
    const began = this.#clock.monotonic()
    const value = this.#make()
    const tookMs = (this.#clock.monotonic() - began) / 1e6
    this.#waitMs = Math.max(gatherMs, tookMs * share)
    this.#made = { from: this.#sources.map((source) => source.value), value }
    return value
  }
}
