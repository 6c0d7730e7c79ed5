import { FaultlineError } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { FateIndex } from './fate-index.ts'
import type { SearchRecords } from './record-index.ts'

/** What tells the fate of a packet. */
const fateFilter = 'type:"packet held","packet dropped","packet sent"'
/** Packets that lie together are searched for together. */
const chunkSize = 1000
/** How far after a packet its fate is looked for: as far as one search goes. */
const lookAhead = 20_000
const readLimit = 4096

export interface FateSearchOptions {
  readonly fates: FateIndex
  readonly search: SearchRecords
  /** Reads a block of at most `limit` records, from record number `from` on. */
  readonly read: (from: number, limit: number) => Promise<Uint8Array>
  readonly onFound: () => void
  readonly onFailed: (error: unknown) => void
}

/**
 * Finds what became of packets that the screen did not see come: a fate is told by a record of its own, which may stand
 * thousands of records behind the packet, where nobody looks. It is looked for up to 20,000 records behind.
 */
export class FateSearch {
  readonly #options: FateSearchOptions
  readonly #searched = new Set<number>()
  #wanted: readonly number[] = []
  #working = false
  #generation = 0

  constructor(options: FateSearchOptions) {
    this.#options = options
  }

  /** Somebody looks at these packets; those that were looked at before are forgotten where they are not found yet. */
  want(packets: Iterable<number>): void {
    this.#wanted = [...new Set(Array.from(packets, (packet) => Math.floor(packet / chunkSize)))]
    void this.#work()
  }

  /** Another capture begins. */
  clear(): void {
    this.#generation++
    this.#working = false
    this.#searched.clear()
    this.#wanted = []
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    const generation = this.#generation
    let asked: number | undefined
    try {
      for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
        asked = chunk
        this.#searched.add(chunk)
        await this.#find(Math.max(1, chunk * chunkSize), generation)
        if (generation !== this.#generation) return
      }
    } catch (error) {
      if (generation !== this.#generation) return
      // The connection comes back, and then it is asked again; any other error would only come again.
      const isLost = error instanceof FaultlineError && error.code === 'connection-closed'
      if (isLost && asked !== undefined) this.#searched.delete(asked)
      this.#options.onFailed(error)
    } finally {
      if (generation === this.#generation) this.#working = false
    }
  }

  #next(): number | undefined {
    return this.#wanted.find((chunk) => !this.#searched.has(chunk))
  }

  /** Takes what tells fates, a block at a time: all of them together can be as large as the ring. */
  async #find(from: number, generation: number): Promise<void> {
    const { search, read, onFound } = this.#options
    const { numbers } = await search(fateFilter, from, from + lookAhead - 1)
    let next = 0
    for (const number of numbers) {
      if (number < next) continue
      const to = numbers.findLast((other) => other < number + readLimit) ?? number
      const block = await read(number, to - number + 1)
      if (generation !== this.#generation) return
      const batch = new CaptureBatch(block)
      this.#take(batch)
      onFound()
      // A block ends early where its records are large. One without records says that there are none to be read.
      next = batch.count > 0 ? batch.first + batch.count : to + 1
    }
  }

  #take(batch: CaptureBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const record = batch.isEventAt(index) ? batch.at(index) : undefined
      if (record !== undefined) this.#options.fates.add(record)
    }
  }
}
