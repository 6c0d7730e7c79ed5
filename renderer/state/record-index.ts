import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { FaultlineError, toErrorData } from '../../app/base/errors.ts'
import type { Captured } from '../../app/capture/captured.ts'
import type { CompiledFilter, ConnectionNames } from '../../app/capture/subject.ts'
import type { ProtocolVersion } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import { MatchList } from './match-list.ts'

/**
 * Asks the workbench which records from `from` up to `to`, both included and at most 20,000, a filter matches. The
 * numbers are ascending; `scannedTo` says how far it came.
 */
export type SearchRecords = (
  filter: string,
  from: number,
  to: number,
) => Promise<{ readonly numbers: readonly number[]; readonly scannedTo: number }>

/** What is searched: a `CaptureStore`. */
export interface SearchedRecords {
  readonly onChanged: Event<void>
  readonly oldest: number
  readonly last: number
  record(number: number): Captured | undefined
}

export interface RecordIndexOptions {
  readonly source: SearchedRecords
  readonly names: ConnectionNames
  readonly search: SearchRecords
  /** How many matches are kept; the older ones are left out. */
  readonly most?: number
  /** How many records one search looks at; the contract allows 20,000. */
  readonly chunk?: number
}

interface Range {
  readonly from: number
  readonly to: number
  /** Among the new records, and not the older ones. */
  readonly isNew: boolean
}

/** So many of the newest records are tested at once, so that something is seen before the first answer comes. */
const testedAtOnce = 2000

/**
 * Numbers of the records that a filter matches. New records are tested here as they come; those that were there before,
 * and those that the screen passed over, are searched for by the workbench, the newest first. Which client a connection
 * belongs to is taken as it is known when a record is tested: what becomes known later changes nothing in the index,
 * only in records that come after.
 */
export class RecordIndex implements Disposable {
  readonly #options: Required<RecordIndexOptions>
  readonly #changed = new Emitter<void>()
  readonly #subscription: Disposable
  #names: HeardNames
  #filter: CompiledFilter | undefined
  #matches: MatchList
  /** All records from `#historyFrom` up to this one are tested. */
  #testedTo = 0
  /** All records up to this one are still to be searched. */
  #historyTo = 0
  #historyFrom = 0
  #generation = 0
  #working = false
  #waiting = false
  #problem: FaultlineError | undefined

  readonly onChanged = this.#changed.event

  constructor(options: RecordIndexOptions) {
    this.#options = { most: 200_000, chunk: 20_000, ...options }
    this.#names = new HeardNames(options.names)
    this.#matches = new MatchList(this.#options.most)
    this.#subscription = options.source.onChanged(() => this.#onSource())
  }

  /** The filter whose matches are here; undefined where every record is meant and nothing is indexed. */
  get filter(): CompiledFilter | undefined {
    return this.#filter
  }

  get count(): number {
    return this.#matches.count
  }

  /** Older matches that are not kept, because there are too many; exact to a thousand record numbers. */
  get leftOut(): number {
    return this.#matches.leftOut
  }

  /** Position of the oldest match; positions of a match stay the same until another filter is set. */
  get first(): number {
    return this.#matches.first
  }

  /** Position of the newest match; one less than `first` where there is none. */
  get last(): number {
    return this.#matches.last
  }

  numberAt(position: number): number | undefined {
    return this.#matches.numberAt(position)
  }

  /** The position of the first match that is this record or a later one; one more than `last` where there is none. */
  positionOf(number: number): number {
    return this.#matches.positionOf(number)
  }

  /** The share of the older records that was searched, 0 to 1; undefined when all were. */
  get progress(): number | undefined {
    const { oldest } = this.#options.source
    if (this.#filter === undefined || this.#historyTo < oldest) return undefined
    return (this.#historyFrom - this.#historyTo) / (this.#historyFrom - oldest + 1)
  }

  /** Why the search has stopped before it was done; `retry` goes on with it. */
  get problem(): FaultlineError | undefined {
    return this.#problem
  }

  /** Starts anew with another filter; undefined, or an empty one, ends filtering. The same one changes nothing. */
  setFilter(filter: CompiledFilter | undefined): void {
    const next = filter?.text.trim() === '' ? undefined : filter
    if (next?.text !== this.#filter?.text) this.#start(next)
  }

  retry(): void {
    this.#problem = undefined
    this.#changed.fire()
    this.#onSource()
  }

  dispose(): void {
    this.#generation++
    this.#subscription.dispose()
    this.#changed.dispose()
  }

  #start(filter: CompiledFilter | undefined): void {
    this.#generation++
    this.#working = false
    this.#waiting = false
    this.#problem = undefined
    this.#filter = filter
    this.#matches = new MatchList(this.#options.most)
    this.#testedTo = this.#options.source.last
    this.#historyFrom = this.#testedTo
    this.#historyTo = this.#testedTo
    if (filter !== undefined) {
      this.#testNewest(filter)
      void this.#work()
    }
    this.#changed.fire()
  }

  #onSource(): void {
    const { source } = this.#options
    if (this.#filter === undefined) return
    if (source.last < this.#testedTo) {
      // Another capture has begun, with other records under the same numbers.
      this.#names = new HeardNames(this.#options.names)
      this.#start(this.#filter)
      return
    }
    this.#matches.dropBefore(source.oldest)
    this.#waiting = false
    this.#testNewer(this.#filter)
    void this.#work()
    this.#changed.fire()
  }

  #testNewest(filter: CompiledFilter): void {
    const { source } = this.#options
    const found: number[] = []
    const end = Math.max(source.oldest, this.#historyTo - testedAtOnce + 1)
    for (; this.#historyTo >= end; this.#historyTo--) {
      const record = source.record(this.#historyTo)
      if (record === undefined) break
      if (filter.matches(record, this.#names)) found.push(this.#historyTo)
    }
    this.#matches.addOlder(found.reverse())
  }

  /** Tests what came, up to the first record that is not here. */
  #testNewer(filter: CompiledFilter): void {
    const { source } = this.#options
    while (this.#testedTo < source.last) {
      const record = source.record(this.#testedTo + 1)
      if (record === undefined) return
      this.#testedTo++
      this.#names.hear(record)
      if (filter.matches(record, this.#names)) this.#matches.addNewer(this.#testedTo)
    }
  }

  async #work(): Promise<void> {
    if (this.#working || this.#filter === undefined) return
    this.#working = true
    const generation = this.#generation
    try {
      for (let range = this.#nextRange(); range !== undefined; range = this.#nextRange()) {
        const { text } = this.#filter
        const { numbers, scannedTo } = await this.#options.search(text, range.from, range.to)
        if (generation !== this.#generation) return
        if (!this.#take(range, numbers, scannedTo)) break
        this.#changed.fire()
      }
    } catch (error) {
      if (generation === this.#generation) this.#stop(error)
    } finally {
      if (generation === this.#generation) this.#working = false
    }
  }

  /** First what was passed over among the new records, then the older ones. */
  #nextRange(): Range | undefined {
    const { source, chunk } = this.#options
    if (this.#problem !== undefined || this.#waiting || this.#filter === undefined) return undefined
    this.#testNewer(this.#filter)
    if (this.#testedTo < source.last) {
      const from = Math.max(this.#testedTo + 1, source.oldest)
      return { from, to: Math.min(source.last, from + chunk - 1), isNew: true }
    }
    if (this.#historyTo < source.oldest) return undefined
    return { from: Math.max(source.oldest, this.#historyTo - chunk + 1), to: this.#historyTo, isNew: false }
  }

  /** False where the answer is of no use: then it is asked again when something has changed. */
  #take(range: Range, numbers: readonly number[], scannedTo: number): boolean {
    if (range.isNew) {
      // Some of them may have come, and been tested, while this was asked.
      for (const number of numbers) if (number > this.#testedTo) this.#matches.addNewer(number)
      this.#testedTo = Math.max(this.#testedTo, scannedTo)
      return scannedTo >= range.from
    }
    if (scannedTo < range.to) return false
    this.#matches.addOlder(numbers)
    this.#historyTo = range.from - 1
    return true
  }

  #stop(error: unknown): void {
    const problem = error instanceof FaultlineError ? error : new FaultlineError(toErrorData(error), { cause: error })
    // The connection comes back by itself, and then there is a change.
    if (problem.code === 'connection-closed') this.#waiting = true
    else this.#problem = problem
    this.#changed.fire()
  }
}

const mostHeard = 10_000

/**
 * Whose connection it is, from the CONNECT itself: the directory hears of a new connection a moment later, and what the
 * client sends first would not be found.
 */
class HeardNames implements ConnectionNames {
  readonly #known: ConnectionNames
  readonly #heard = new Map<number, { readonly clientId: string | undefined; readonly version: ProtocolVersion }>()

  constructor(known: ConnectionNames) {
    this.#known = known
  }

  hear(record: Captured): void {
    if (record.kind === 'event' || record.malformed !== false || (record.octets[0] ?? 0) >>> 4 !== 1) return
    const { clientId, protocolVersion } = summarize(record.octets, 4)
    const version = protocolVersion === 3 || protocolVersion === 5 ? protocolVersion : 4
    this.#heard.set(record.connection, { clientId: clientId || undefined, version })
    const [oldest] = this.#heard.keys()
    if (this.#heard.size > mostHeard && oldest !== undefined) this.#heard.delete(oldest)
  }

  clientId(connection: number): string | undefined {
    return this.#known.clientId(connection) ?? this.#heard.get(connection)?.clientId
  }

  version(connection: number): ProtocolVersion | undefined {
    return this.#known.version(connection) ?? this.#heard.get(connection)?.version
  }
}
