import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { Batch, BucketChanges, Store } from './store.ts'
import type { StoreHealth } from './store-health.ts'

/** How long after a write that failed it is tried again, in milliseconds. */
const retryMs = 1000

/** How long it may fail before whoever waits for it is sent away, in seconds. */
const longest = 30

/** Hears of the batches; see `HeldOutbox`. */
export interface CommitListener {
  /** What was gathered is being written from now on. */
  began(): void
  /** What was being written is written. */
  written(): void
  /** It will never be written: the broker stops, and the store does not take it. */
  gaveUp(): void
  /** What gathered will never be written, and what rests on it counts for nothing. */
  forgot(): void
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
  /** Called when it has failed for too long, as long as it does. */
  #onStuck: (() => void) | undefined
  #waiting: (() => void)[] = []
  /** Octets that gather, and octets that are being written. */
  #gathered = 0
  #underWay = 0
  /** Monotonic nanoseconds: when the write began, and when the first one failed that has not been made up for. */
  #began = 0
  #failedSince = 0
  readonly #counts = { writes: 0, failures: 0, seconds: 0, longest: 0 }

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

  /** Octets that are not written yet. */
  get octets(): number {
    return this.#gathered + this.#underWay
  }

  get health(): Omit<StoreHealth, 'waiting' | 'fullTimes'> {
    return { ...this.#counts, isFailing: this.#isFailing, failingFor: this.#failingFor }
  }

  get #failingFor(): number {
    return this.#isFailing ? (this.#clock.monotonic() - this.#failedSince) / 1e9 : 0
  }

  /** Says that clients have to wait for the store. */
  sayFull(octets: number): void {
    this.#onProblem(
      new FaultlineError({
        code: 'file-unwritable',
        message: `${octets} octets wait to be written to ${this.#store.name}`,
        hint: 'nothing more is read from clients until they are',
      }),
    )
  }

  /** Set once. */
  whenStuck(run: () => void): void {
    this.#onStuck = run
  }

  /** Set once. */
  listen(listener: CommitListener): void {
    this.#listener = listener
  }

  put(bucket: string, key: string, value: Uint8Array): void {
    const { changes } = this.#bucket(bucket)
    this.#gathered += value.length - (changes.get(key)?.length ?? 0)
    changes.set(key, value)
  }

  delete(bucket: string, key: string): void {
    const { changes } = this.#bucket(bucket)
    this.#gathered -= changes.get(key)?.length ?? 0
    changes.set(key, undefined)
  }

  /** Deletes all that is in the bucket. */
  drop(bucket: string): void {
    const changes = this.#bucket(bucket)
    changes.isDropped = true
    for (const value of changes.changes.values()) this.#gathered -= value?.length ?? 0
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

  /**
   * What gathers is not this broker's to write any more.
   *
   * @param isSaid whether what rests on it goes out all the same
   */
  forget(isSaid: boolean): void {
    this.#gathering = new Map()
    this.#gathered = 0
    if (isSaid) {
      this.#listener?.began()
      this.#listener?.written()
    } else this.#listener?.forgot()
    this.#wake()
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
    this.#underWay = this.#gathered
    this.#gathered = 0
    this.#began = this.#clock.monotonic()
    this.#isWriting = true
    this.#listener?.began()
    this.#store.write(batch).then(
      () => this.#wrote(),
      (error: unknown) => this.#failed(batch, error),
    )
  }

  #wrote(): void {
    this.#isWriting = false
    this.#underWay = 0
    this.#counts.writes++
    this.#measure()
    if (this.#isFailing) this.#sayRecovered()
    this.#isFailing = false
    this.#listener?.written()
    this.#wake()
    if (this.isGathering) this.#schedule()
  }

  #failed(batch: Batch, error: unknown): void {
    this.#isWriting = false
    this.#counts.failures++
    this.#measure()
    this.#gathering = joinBatches(batch, this.#gathering)
    this.#gathered = octetsOf(this.#gathering)
    this.#underWay = 0
    if (!this.#isFailing) this.#failedSince = this.#began
    if (!this.#isFailing) this.#onProblem(unwritable(this.#store, error, this.#isStopping))
    this.#isFailing = true
    if (this.#isStopping) {
      this.#hasGivenUp = true
      this.#gathering = new Map()
      this.#gathered = 0
      this.#listener?.gaveUp()
      this.#wake()
      return
    }
    if (this.#failingFor > longest) this.#onStuck?.()
    this.#retrying = this.#clock.after(retryMs, () => {
      this.#retrying = undefined
      this.#write()
    })
  }

  #measure(): void {
    const seconds = (this.#clock.monotonic() - this.#began) / 1e9
    this.#counts.seconds += seconds
    this.#counts.longest = Math.max(this.#counts.longest, seconds)
  }

  #sayRecovered(): void {
    const seconds = Math.round((this.#clock.monotonic() - this.#failedSince) / 1e9)
    this.#onProblem(new Error(`${this.#store.name} is written again, after ${seconds} s`))
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

function octetsOf(batch: Batch): number {
  let octets = 0
  for (const { changes } of batch.values()) for (const value of changes.values()) octets += value?.length ?? 0
  return octets
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
