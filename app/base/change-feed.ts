import type { Clock } from './clock.ts'
import type { Disposable } from './disposable.ts'
import { Emitter, type Event } from './emitter.ts'

/** What became of a collection since the last time: the new state of what changed, the keys of what is gone. */
export interface Changes<K, V> {
  readonly changed: V[]
  readonly removed: K[]
}

/**
 * How many are told together at most, and how soon the next are, in milliseconds. Ten thousand in one piece would keep
 * a screen from painting for several frames.
 */
const most = 500
const nextMs = 50

/**
 * Gathers changes of a collection and tells them together, so that something that changes a thousand times a second is
 * told a few times. What is told is the state at that moment, and the last state is never left out. When very many have
 * changed, those that wait the longest are told first.
 */
export class ChangeFeed<K, V> implements Disposable {
  readonly #clock: Clock
  readonly #read: (key: K) => V | undefined
  readonly #touched = new Set<K>()
  readonly #changes = new Emitter<Changes<K, V>>()
  #timer: Disposable | undefined
  /** For how long the timer was set, in milliseconds, and the monotonic time at which it fires. */
  #delay = 0
  #due = 0

  /** @param read gives the state of one key; undefined when it is gone. */
  constructor(clock: Clock, read: (key: K) => V | undefined) {
    this.#clock = clock
    this.#read = read
  }

  readonly onChanged: Event<Changes<K, V>> = this.#changes.event

  /** The key has appeared, changed or gone: it will be told within so many milliseconds, later if very many wait. */
  touch(key: K, within: number): void {
    this.#touched.add(key)
    // There are thousands of these a second, and to ask for the time is the dearest part.
    if (this.#timer && this.#delay <= within) return
    const due = this.#clock.monotonic() + within * 1e6
    if (this.#timer && this.#due <= due) return
    this.#wait(within, due)
  }

  /** Tells at once what is waiting. */
  flush(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    this.#tell(Number.POSITIVE_INFINITY)
  }

  #wait(ms: number, due: number): void {
    this.#timer?.dispose()
    this.#delay = ms
    this.#due = due
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined
      // Listeners may touch keys again, and must find the timer for the rest in place.
      if (this.#touched.size > most) this.#wait(nextMs, this.#clock.monotonic() + nextMs * 1e6)
      this.#tell(most)
    })
  }

  #tell(limit: number): void {
    if (this.#touched.size === 0) return
    if (!this.#changes.hasListeners) {
      // Who listens from now on asks for the state first.
      this.#touched.clear()
      return
    }
    const changed: V[] = []
    const removed: K[] = []
    for (const key of this.#touched) {
      if (changed.length + removed.length >= limit) break
      this.#touched.delete(key)
      const value = this.#read(key)
      if (value === undefined) removed.push(key)
      else changed.push(value)
    }
    this.#changes.fire({ changed, removed })
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    this.#touched.clear()
    this.#changes.dispose()
  }
}
