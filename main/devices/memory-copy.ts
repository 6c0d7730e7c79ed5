import type { MemoryChange, MemoryContent, MemoryParts } from './guest/client-memory.ts'

/** What all copies of a workbench hold together at most, in octets: a device alone may have 16 MiB waiting. */
export const mostCopied = 256 * 1024 * 1024
/** What a message takes besides its own octets: many small ones add up. */
const overhead = 200

/** What is left of the room that the copies of a workbench share. */
export class CopyRoom {
  #left: number

  /** @param octets that there are */
  constructor(octets = mostCopied) {
    this.#left = octets
  }

  /** False when there is not so much left. Giving back is taking a negative number. */
  take(octets: number): boolean {
    if (octets > this.#left) return false
    this.#left -= octets
    return true
  }
}

type Part = keyof MemoryParts

/**
 * What the main thread keeps of a client whose store is flash, for when the worker that has it is gone. What does not fit
 * into the room is left out and counted.
 */
export class MemoryCopy {
  readonly #room: CopyRoom
  readonly #parts: { readonly [P in Part]: Map<number, MemoryParts[P]> } = {
    outgoing: new Map(),
    incoming: new Map(),
    waiting: new Map(),
  }
  /** Octets by part and key; undefined for what is left out. */
  readonly #octets = new Map<string, number | undefined>()
  #leftOut = 0
  #isNeeded = false

  constructor(room: CopyRoom) {
    this.#room = room
  }

  /** How much of the client's memory is not in the copy, in messages. */
  get leftOut(): number {
    return this.#leftOut
  }

  apply(changes: readonly MemoryChange[]): void {
    for (const change of changes) this.#apply(change)
  }

  /** The worker is gone: the next one needs what was kept. */
  need(): void {
    this.#isNeeded = true
  }

  /** What a new worker is to be given; undefined when it has all that there is. */
  takeNeeded(): MemoryContent | undefined {
    const isNeeded = this.#isNeeded && this.#octets.size > 0
    this.#isNeeded = false
    if (!isNeeded) return undefined
    // What was left out went down with the worker before.
    for (const [name, octets] of this.#octets) if (octets === undefined) this.#octets.delete(name)
    this.#leftOut = 0
    return this.#parts
  }

  /** The device is gone for good. */
  dispose(): void {
    for (const octets of this.#octets.values()) this.#room.take(-(octets ?? 0))
    this.#octets.clear()
    for (const part of Object.values(this.#parts)) part.clear()
  }

  #apply(change: MemoryChange): void {
    const { kept, key } = change
    const part: Map<number, unknown> = this.#parts[change.part]
    const name = `${change.part} ${key}`
    if (this.#octets.has(name)) {
      const before = this.#octets.get(name)
      if (before === undefined) this.#leftOut--
      else this.#room.take(-before)
      this.#octets.delete(name)
    }
    if (kept === undefined || kept.isLast) part.delete(key)
    if (kept === undefined) return
    const octets = kept.octets + overhead
    if (this.#room.take(octets)) {
      this.#octets.set(name, octets)
      part.set(key, kept.value)
      return
    }
    part.delete(key)
    this.#octets.set(name, undefined)
    this.#leftOut++
  }
}
