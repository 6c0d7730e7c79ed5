import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { Batch, BucketChanges, Store } from './store.ts'

/** How long after a write that failed it is tried again, in milliseconds. */
const retryMs = 1000

/** Hears of the batches; see `HeldOutbox`. */
export interface CommitListener {
  /** What was gathered is being written from now on. */
  began(): void
  /** What was being written is written. */
  written(): void
  /** It will never be written: the broker stops, and the store does not take it. */
  gaveUp(): void
}

/**
 * Gathers what is to be stored and writes it a batch at a time. All that is put in one turn is in one batch, and while
 * one is being written everything goes into the next, in which changes of one key have become one. What could not be
 * written is tried again together with what came after it: batches never overtake one another.
 */
export class GroupCommit {
  readonly #store: Store
  readonly #clock: Clock
  readonly #onProblem: (error: Error) => void
  #listener: CommitListener | undefined
  #gathering = new Map<string, BucketChanges>()
  #isWriting = false
  #isScheduled = false
  #retrying: Disposable | undefined
  #isFailing = false
  #isStopping = false
  #hasGivenUp = false
  #waiting: (() => void)[] = []

  constructor(store: Store, clock: Clock, onProblem: (error: Error) => void) {
    this.#store = store
    this.#clock = clock
    this.#onProblem = onProblem
  }

  /** Something waits for the next batch. */
  get isGathering(): boolean {
    return this.#gathering.size > 0
  }

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** Set once. */
  listen(listener: CommitListener): void {
    this.#listener = listener
  }

  put(bucket: string, key: string, value: Uint8Array): void {
    this.#bucket(bucket).changes.set(key, value)
  }

  delete(bucket: string, key: string): void {
    this.#bucket(bucket).changes.set(key, undefined)
  }

  /** Deletes all that is in the bucket. */
  drop(bucket: string): void {
    const changes = this.#bucket(bucket)
    changes.isDropped = true
    changes.changes.clear()
  }

  /** Settles when all that was put so far is written, or is given up. */
  async flush(): Promise<void> {
    while ((this.isGathering || this.#isWriting) && !this.#hasGivenUp) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }

  /** As `flush`, but does not wait for what is put later, of which there may be no end. */
  async settled(): Promise<void> {
    for (let left = Number(this.#isWriting) + Number(this.isGathering); left > 0; left--) {
      // A batch that failed is written together with the next one.
      if ((!this.isGathering && !this.#isWriting) || this.#hasGivenUp) return
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }

  /** From now on what cannot be written is given up. */
  stop(): void {
    this.#isStopping = true
    if (this.#retrying === undefined) return
    this.#retrying.dispose()
    this.#retrying = undefined
    this.#write()
  }

  #bucket(name: string): BucketChanges {
    const known = this.#gathering.get(name)
    if (known !== undefined) return known
    const fresh: BucketChanges = { isDropped: false, changes: new Map() }
    if (this.#hasGivenUp) return fresh
    this.#gathering.set(name, fresh)
    this.#schedule()
    return fresh
  }

  /** When the turn is over: what belongs together is never written apart. */
  #schedule(): void {
    if (this.#isScheduled || this.#isWriting || this.#retrying !== undefined) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#write()
    })
  }

  #write(): void {
    const batch = this.#gathering
    this.#gathering = new Map()
    this.#isWriting = true
    this.#listener?.began()
    this.#store.write(batch).then(
      () => this.#wrote(),
      (error: unknown) => this.#failed(batch, error),
    )
  }

  #wrote(): void {
    this.#isWriting = false
    this.#isFailing = false
    this.#listener?.written()
    this.#wake()
    if (this.isGathering) this.#schedule()
  }

  #failed(batch: Batch, error: unknown): void {
    this.#isWriting = false
    this.#gathering = joinBatches(batch, this.#gathering)
    if (!this.#isFailing) this.#onProblem(unwritable(this.#store, error, this.#isStopping))
    this.#isFailing = true
    if (this.#isStopping) {
      this.#hasGivenUp = true
      this.#gathering = new Map()
      this.#listener?.gaveUp()
      this.#wake()
      return
    }
    this.#retrying = this.#clock.after(retryMs, () => {
      this.#retrying = undefined
      this.#write()
    })
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** One batch that does what the two do one after the other. */
export function joinBatches(first: Batch, second: Batch): Map<string, BucketChanges> {
  const joined = new Map<string, BucketChanges>(first)
  for (const [name, later] of second) {
    const before = joined.get(name)
    if (before === undefined || later.isDropped) joined.set(name, later)
    else joined.set(name, { ...before, changes: new Map([...before.changes, ...later.changes]) })
  }
  return joined
}

function unwritable({ name }: Store, error: unknown, isStopping: boolean): FaultlineError {
  return new FaultlineError(
    {
      code: 'file-unwritable',
      message: `${name} cannot be written: ${messageOf(error)}`,
      hint: isStopping
        ? 'what was not acknowledged yet is lost to it'
        : 'nothing is acknowledged until it can; it is tried again every second',
    },
    { cause: error },
  )
}
