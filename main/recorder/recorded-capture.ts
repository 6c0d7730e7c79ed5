import type { Disposable } from '../../app/base/disposable.ts'
import { type CaptureBatch, packBatch } from '../../app/capture/batch.ts'
import type { Captured } from '../../app/capture/captured.ts'
import { sizeOf } from '../../app/capture/recording-chunks.ts'
import type { RecordedConnections } from '../../app/capture/recording-connections.ts'
import type { ConnectionNames } from '../../app/capture/subject.ts'
import type { ConnectionSnapshot } from '../../app/contract/contract.ts'

/** A screen's block holds no more than this, unless its first record alone does. */
const mostBlockOctets = 4 * 1024 * 1024
/** So much of what was read last stays in memory. */
const mostCachedOctets = 16 * 1024 * 1024

/** Consecutive records that are read together, when somebody asks. */
export interface StoredChunk {
  readonly first: number
  readonly count: number
  /** @throws FaultlineError `file-unreadable` */
  load(): CaptureBatch
}

/** A capture that lies in a file, or was read from one: it offers what the running one does. */
export class RecordedCapture implements Disposable {
  readonly name: string
  /** Wall time at which its time is 0, in milliseconds since 1970. */
  readonly captureStart: number
  readonly first: number
  /** The number after that of the last record. */
  readonly next: number
  /** How many there are: less than `next` - `first` where some are missing. */
  readonly records: number
  /** Everything that is not as it should be, in words; undefined where all is well. */
  readonly problem: string | undefined
  readonly connections: ConnectionSnapshot[]
  readonly names: ConnectionNames
  readonly #chunks: readonly StoredChunk[]
  readonly #close: () => void
  /** The one that was used last is the last. */
  readonly #cache = new Map<StoredChunk, CaptureBatch>()
  #cachedOctets = 0

  /** @param options.chunks in the order of their numbers. */
  constructor(options: {
    readonly name: string
    readonly captureStart: number
    readonly chunks: readonly StoredChunk[]
    readonly connections: RecordedConnections
    readonly problem: string | undefined
    close(): void
  }) {
    const { chunks, connections } = options
    const last = chunks.at(-1)
    this.name = options.name
    this.captureStart = options.captureStart
    this.first = chunks[0]?.first ?? 1
    this.next = last === undefined ? this.first : last.first + last.count
    this.records = chunks.reduce((sum, { count }) => sum + count, 0)
    this.problem = options.problem
    this.connections = connections.list()
    this.names = connections
    this.#chunks = chunks
    this.#close = () => options.close()
  }

  /**
   * A `packBatch` block of consecutive records: from number `from`, or from the next that is there. It has at most
   * `limit` records, fewer where they are large, or where the next one is missing. A block without records says `next` as
   * its first number.
   *
   * @throws FaultlineError `file-unreadable` when the file is gone, or has changed.
   */
  read(from: number, limit: number): Uint8Array {
    const records: Captured[] = []
    let octets = 0
    let number = Math.max(from, this.first)
    for (let at = this.#find(number); at < this.#chunks.length && records.length < limit; at++) {
      const chunk = this.#chunks[at] as StoredChunk
      if (chunk.first > number && records.length > 0) break
      number = Math.max(number, chunk.first)
      const batch = this.#load(chunk)
      for (; number < chunk.first + chunk.count && records.length < limit; number++) {
        const record = batch.at(number - chunk.first) as Captured
        octets += sizeOf(record)
        if (octets > mostBlockOctets && records.length > 0) return packBatch(records)
        records.push(record)
      }
    }
    return packBatch(records, records[0]?.number ?? Math.min(number, this.next))
  }

  /** One record; undefined where there is none of this number. Errors as `read`. */
  record(number: number): Captured | undefined {
    const chunk = this.#chunks[this.#find(number)]
    return chunk === undefined || number < chunk.first ? undefined : this.#load(chunk).at(number - chunk.first)
  }

  /** Lets go of the file. */
  dispose(): void {
    this.#cache.clear()
    this.#cachedOctets = 0
    this.#close()
  }

  /** The position of the first chunk that ends behind this number. */
  #find(number: number): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const { first, count } = this.#chunks[middle] as StoredChunk
      if (first + count <= number) low = middle + 1
      else high = middle
    }
    return low
  }

  #load(chunk: StoredChunk): CaptureBatch {
    const cached = this.#cache.get(chunk)
    const batch = cached ?? chunk.load()
    this.#cache.delete(chunk)
    this.#cache.set(chunk, batch)
    if (cached !== undefined) return batch
    this.#cachedOctets += batch.size
    for (const [oldest, { size }] of this.#cache) {
      if (this.#cachedOctets <= mostCachedOctets || oldest === chunk) break
      this.#cache.delete(oldest)
      this.#cachedOctets -= size
    }
    return batch
  }
}
