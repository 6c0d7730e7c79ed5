import * as v from 'valibot'
import { type FlashAnswer, type FlashRequest, flashRequest } from '../../../app/script-api/crossing.ts'
import { utf8Length } from '../../../app/script-api/topics.ts'
import type { FlashChange, FlashContent } from '../messages.ts'

/** What one device's flash holds at most: octets of all keys, and of their values as JSON. */
export const flashSize = 64 * 1024

/** One device's persistent memory. The values are JSON, which nobody but the device's own script reads. */
export class Flash {
  readonly #values: Map<string, string>
  readonly #changed: (change: FlashChange) => void
  #used = 0
  #revision: number

  /** @param changed hears of every change, so that it can be kept beyond the life of this thread */
  constructor({ revision, values }: FlashContent, changed: (change: FlashChange) => void) {
    this.#values = new Map(values)
    this.#revision = revision
    this.#changed = changed
    for (const [key, value] of this.#values) this.#used += sizeOf(key, value)
  }

  /** Counts the changes. */
  get revision(): number {
    return this.#revision
  }

  /** @param request as JSON; undefined is the answer to one that our library would not send */
  answer(request: unknown): FlashAnswer | undefined {
    const read = v.safeParse(flashRequest, request)
    return read.success ? this.#carryOut(read.output) : undefined
  }

  #carryOut(request: FlashRequest): FlashAnswer {
    switch (request.type) {
      case 'get':
        return { value: this.#values.get(request.key) }
      case 'set':
        return this.#set(request.key, request.value)
      case 'delete':
        return { deleted: this.#delete(request.key) }
      case 'keys':
        return { keys: [...this.#values.keys()] }
    }
  }

  #set(key: string, value: string): FlashAnswer {
    const before = this.#values.get(key)
    const used = this.#used + sizeOf(key, value) - (before === undefined ? 0 : sizeOf(key, before))
    if (used > flashSize) {
      return { refused: `does not fit: with it the flash would hold ${used} octets, and it has ${flashSize}` }
    }
    if (before === value) return {}
    this.#values.set(key, value)
    this.#note(key, value, used)
    return {}
  }

  #delete(key: string): boolean {
    const before = this.#values.get(key)
    if (before === undefined) return false
    this.#values.delete(key)
    this.#note(key, undefined, this.#used - sizeOf(key, before))
    return true
  }

  #note(key: string, value: string | undefined, used: number): void {
    this.#used = used
    this.#changed({ revision: ++this.#revision, key, value })
  }
}

/**
 * The flash of all devices of a worker. It outlives a device's life; that of a device which boots for the first time in
 * this thread is what the main thread has kept of it.
 */
export class FlashBank {
  readonly #chips = new Map<number, Flash>()
  readonly #changed: (number: number, changes: readonly FlashChange[]) => void
  /** The last change of each key. A script may change one thousands of times before anybody else gets a turn. */
  readonly #waiting = new Map<number, Map<string, FlashChange>>()
  #telling: NodeJS.Immediate | undefined

  constructor(changed: (number: number, changes: readonly FlashChange[]) => void) {
    this.#changed = changed
  }

  /** @param kept what the main thread knows; it may be behind what this thread knows itself */
  open(number: number, kept: FlashContent): Flash {
    const own = this.#chips.get(number)
    if (own !== undefined && own.revision >= kept.revision) return own
    const flash = new Flash(kept, (change) => this.#tell(number, change))
    this.#chips.set(number, flash)
    return flash
  }

  /** For a device that is gone for good. */
  forget(number: number): void {
    this.#chips.delete(number)
    this.#waiting.delete(number)
  }

  #tell(number: number, change: FlashChange): void {
    const waiting = this.#waiting.get(number) ?? new Map<string, FlashChange>()
    waiting.set(change.key, change)
    this.#waiting.set(number, waiting)
    this.#telling ??= setImmediate(() => this.#tellAll())
  }

  #tellAll(): void {
    this.#telling = undefined
    for (const [number, changes] of this.#waiting) this.#changed(number, [...changes.values()])
    this.#waiting.clear()
  }
}

function sizeOf(key: string, value: string): number {
  return utf8Length(key) + utf8Length(value)
}
