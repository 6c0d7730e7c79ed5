import type { Batch, Store } from '../../../../../main/broker/stores/store.ts'

/** What a store has written outlives the broker that wrote it: here, in memory. */
export class KeptDisk {
  readonly #buckets = new Map<string, Map<string, Uint8Array>>()
  #store: KeptStore | undefined

  /** The store as the next broker opens it. */
  open(): KeptStore {
    this.#store = new KeptStore(this)
    return this.#store
  }

  /** The one that is open. */
  get store(): KeptStore {
    if (this.#store === undefined) throw new Error('no store is open')
    return this.#store
  }

  *values(): Generator<readonly [bucket: string, key: string, value: Uint8Array]> {
    for (const [bucket, values] of this.#buckets) for (const [key, value] of values) yield [bucket, key, value]
  }

  take(batch: Batch): void {
    for (const [name, { changes, isDropped }] of batch) {
      if (isDropped) this.#buckets.delete(name)
      const values = this.#buckets.get(name) ?? new Map<string, Uint8Array>()
      this.#buckets.set(name, values)
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else values.set(key, Uint8Array.from(value))
      }
    }
  }
}

interface Writing {
  readonly batch: Batch
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A store that takes as long to write as it is told to, and loses all that was not written when its process is killed. */
export class KeptStore implements Store {
  readonly name = 'the store of the model'
  readonly #disk: KeptDisk
  #writing: Writing | undefined
  #isKilled = false
  /** What is written waits until it is let through. */
  #isSlow = false
  #isFailing = false

  constructor(disk: KeptDisk) {
    this.#disk = disk
  }

  /** A batch waits to be let through, or to fail. */
  get isWriting(): boolean {
    return this.#writing !== undefined
  }

  get isSlow(): boolean {
    return this.#isSlow
  }

  /** A batch has failed, and none was written since. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  async load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void> {
    for (const value of this.#disk.values()) take(...value)
  }

  write(batch: Batch): Promise<void> {
    if (this.#isKilled) return Promise.resolve()
    if (!this.#isSlow) {
      this.#take(batch)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      this.#writing = { batch, resolve, reject }
    })
  }

  /** From now on, each batch waits. */
  slow(): void {
    this.#isSlow = true
  }

  /** What waits is written, and nothing waits any more. */
  flow(): void {
    this.#isSlow = false
    const writing = this.#writing
    this.#writing = undefined
    if (writing === undefined) return
    this.#take(writing.batch)
    writing.resolve()
  }

  /** What waits is not written, as where there is no room. */
  fail(): void {
    const writing = this.#writing
    this.#writing = undefined
    if (writing === undefined) return
    this.#isFailing = true
    writing.reject(new Error('no space left'))
  }

  /** Its process is killed. @param landed whether what it was writing is there all the same: nobody was told */
  kill(landed: boolean): void {
    this.#isKilled = true
    const writing = this.#writing
    this.#writing = undefined
    if (landed && writing !== undefined) this.#disk.take(writing.batch)
    writing?.resolve()
  }

  async close(): Promise<void> {}

  #take(batch: Batch): void {
    this.#disk.take(batch)
    this.#isFailing = false
  }
}
