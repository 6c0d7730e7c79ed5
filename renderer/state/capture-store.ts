import { Emitter } from '../../app/base/emitter.ts'
import { CaptureBatch, packBatch } from '../../app/capture/batch.ts'
import type { Captured } from '../../app/capture/captured.ts'
import { FateIndex } from './fate-index.ts'
import { FateSearch } from './fate-search.ts'
import { atLeast, distanceOf, type Range, subtract, unite } from './ranges.ts'
import type { SearchRecords } from './record-index.ts'

export interface CaptureLimits {
  /** How many octets of blocks are kept. */
  readonly octets: number
  /** How many records are kept. */
  readonly records: number
}

/** Reads a block of at most `limit` records (up to 4096) from the workbench's ring, from record number `from` on. */
export type ReadRecords = (from: number, limit: number) => Promise<Uint8Array>

export interface CaptureOptions {
  /** Finds the fates of packets that were there before the screen was; without it they are not looked for. */
  readonly search?: SearchRecords
  /**
   * The records come from a file and not from the running ring: what is passed over in an answer is missing there for
   * good, and what is older than that is not.
   */
  readonly isRecording?: boolean
}

/** A run of records that is here. `offset` is the place of the first in the batch. */
interface Block extends Range {
  readonly batch: CaptureBatch
  readonly offset: number
  readonly octets: number
}

const defaultLimits: CaptureLimits = { octets: 32 * 1024 * 1024, records: 200_000 }
const readLimit = 4096
/** Records around the ones that somebody looks at are read with them, unless they are large. */
const readAhead = 128
const smallRecord = 4096
/** What a block costs beside its octets: the objects around it. */
const blockOverhead = 256
/** Many small blocks at the end become one, or a quiet capture would be all overhead. */
const mergeBlocks = 64
const mergeRecords = 1024

/**
 * The part of the capture that is in the screen: what came live, and what was read again. Records are known by their
 * numbers, which have no gaps; where one is missing here it is read from the workbench, and until it came it is
 * counted, never passed over.
 */
export class CaptureStore {
  readonly #read: ReadRecords
  readonly #limits: CaptureLimits
  readonly #changed = new Emitter<void>()
  readonly #readFailed = new Emitter<unknown>()
  /** Sorted by number, without overlap. */
  #blocks: Block[] = []
  #lastHit = 0
  #octets = 0
  #records = 0
  #last = 0
  #oldest = 1
  #gaps: Range[] = []
  readonly #isRecording: boolean
  /** What was found to be missing in the recording, ascending. */
  #lost: Range[] = []
  /** What somebody looks at, ascending. */
  #visible: readonly Range[] = []
  #reading = false
  #generation = 0

  readonly onChanged = this.#changed.event
  readonly onReadFailed = this.#readFailed.event

  /** What became of the packets: told by events that came, and looked for where somebody looks at older packets. */
  readonly fates = new FateIndex()
  readonly #fateSearch: FateSearch | undefined
  /** The first record that came live. */
  #liveFrom = 0

  constructor(read: ReadRecords, limits: CaptureLimits = defaultLimits, options: CaptureOptions = {}) {
    const { search, isRecording = false } = options
    this.#read = read
    this.#limits = limits
    this.#isRecording = isRecording
    this.#fateSearch =
      search &&
      new FateSearch({
        fates: this.fates,
        search,
        read,
        onFound: () => this.#changed.fire(),
        onFailed: (error) => this.#readFailed.fire(error),
      })
  }

  /** The number of the newest record that exists; 0 before the first. */
  get last(): number {
    return this.#last
  }

  /** The number of the oldest record that is here or that the workbench still has. */
  get oldest(): number {
    return Math.min(this.#oldest, this.#blocks[0]?.from ?? this.#oldest)
  }

  /** Records that left the workbench to make room. Some of them may still be here. */
  get evicted(): number {
    return this.#oldest - 1
  }

  /** Records that were passed over because the screen was slow, and are not read yet. */
  get missing(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0)
  }

  /** Records that are here, and the octets that they take. */
  get size(): { readonly records: number; readonly octets: number } {
    return { records: this.#records, octets: this.#octets }
  }

  /** Forgets everything: another capture begins. */
  clear(): void {
    this.#generation++
    this.#blocks = []
    this.#octets = 0
    this.#records = 0
    this.#last = 0
    this.#oldest = 1
    this.#gaps = []
    this.#lost = []
    this.#visible = []
    this.#reading = false
    this.#liveFrom = 0
    this.fates.clear()
    this.#fateSearch?.clear()
    this.#changed.fire()
  }

  /** The live records begin with number `next`. What is between the newest one here and that was missed meanwhile. */
  follow(next: number): void {
    if (this.#last > 0) this.#noteGap(next)
    this.#liveFrom ||= next
    this.#last = Math.max(this.#last, next - 1)
    this.#changed.fire()
    void this.#fill()
  }

  /**
   * Takes in live records.
   * @throws FaultlineError `invalid-message` when the block cannot be read.
   */
  append(block: Uint8Array): void {
    const batch = new CaptureBatch(block)
    if (batch.count === 0) return
    this.#noteGap(batch.first)
    this.#insert(batch)
    this.#last = Math.max(this.#last, batch.first + batch.count - 1)
    this.#mergeSmallBlocks()
    this.#evict()
    this.#changed.fire()
    void this.#fill()
  }

  /** The workbench says how many records have left its ring. */
  setEvicted(count: number): void {
    if (count < this.#oldest) return
    this.#oldest = count + 1
    this.#gaps = this.#gaps.flatMap((gap) => subtract(gap, { from: 0, to: count }))
    this.fates.dropBefore(this.oldest)
    this.#changed.fire()
  }

  record(number: number): Captured | undefined {
    const block = this.#blockOf(number)
    return block?.batch.at(block.offset + number - block.from)
  }

  /** The Network Connection of a record, cheaply. */
  connectionOf(number: number): number | undefined {
    const block = this.#blockOf(number)
    return block?.batch.connectionAt(block.offset + number - block.from)
  }

  /** The recording does not have this record, and somebody has tried to read it. */
  isLost(number: number): boolean {
    return this.#lost.some(({ from, to }) => number >= from && number <= to)
  }

  /** Somebody looks at these records: those that are not here are read, and they stay here. */
  look(from: number, to: number): void {
    this.#see([{ from: Math.max(1, from), to: Math.min(to, this.#last) }])
  }

  /** The same of records that may lie far apart. @param numbers ascending */
  lookAt(numbers: readonly number[]): void {
    this.#see(numbers.map((number) => ({ from: number, to: number })))
  }

  #see(visible: readonly Range[]): void {
    this.#visible = visible
    const old = visible.filter(({ from }) => from < this.#liveFrom)
    if (old.length > 0) this.#fateSearch?.want(old.flatMap(({ from, to }) => [from, to]))
    void this.#fill()
  }

  #noteGap(next: number): void {
    if (next <= this.#last + 1) return
    const gap = { from: Math.max(this.#last + 1, this.#oldest), to: next - 1 }
    // Before the first live record there is no gap: that is history, read when somebody looks.
    if (this.#last > 0 && gap.from <= gap.to) this.#gaps.push(gap)
  }

  #insert(batch: CaptureBatch): void {
    const whole = { from: batch.first, to: batch.first + batch.count - 1 }
    for (const part of this.#absent(whole)) {
      const share = (part.to - part.from + 1) / batch.count
      const block = {
        ...part,
        batch,
        offset: part.from - batch.first,
        octets: Math.ceil(batch.size * share) + blockOverhead,
      }
      this.#blocks.splice(this.#position(part.from), 0, block)
      this.#octets += block.octets
      this.#records += block.to - block.from + 1
      this.#noteFates(block)
    }
    this.#gaps = this.#gaps.flatMap((gap) => subtract(gap, whole))
  }

  #noteFates({ batch, offset, from, to }: Block): void {
    for (let index = offset; index <= offset + to - from; index++) {
      const record = batch.isEventAt(index) ? batch.at(index) : undefined
      if (record !== undefined) this.fates.add(record)
    }
  }

  /** Index of the first block that ends at or after `number`. */
  #position(number: number): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#blocks[middle] as Block).to < number) low = middle + 1
      else high = middle
    }
    return low
  }

  #blockOf(number: number): Block | undefined {
    const hit = this.#blocks[this.#lastHit]
    if (hit !== undefined && number >= hit.from && number <= hit.to) return hit
    this.#lastHit = this.#position(number)
    const block = this.#blocks[this.#lastHit]
    return block !== undefined && number >= block.from ? block : undefined
  }

  /** The parts of a range that are not here. */
  #absent(range: Range): Range[] {
    const parts: Range[] = []
    let from = range.from
    for (let i = this.#position(range.from); i < this.#blocks.length; i++) {
      const block = this.#blocks[i] as Block
      if (block.from > range.to) break
      if (block.from > from) parts.push({ from, to: block.from - 1 })
      from = block.to + 1
    }
    if (from <= range.to) parts.push({ from, to: range.to })
    return parts
  }

  #mergeSmallBlocks(): void {
    const tail = this.#blocks.slice(-mergeBlocks)
    const first = tail[0]
    const last = tail.at(-1)
    if (tail.length < mergeBlocks || first === undefined || last === undefined) return
    const count = last.to - first.from + 1
    const held = tail.reduce((sum, block) => sum + block.to - block.from + 1, 0)
    if (held !== count || count > mergeRecords) return
    const records = tail.flatMap((block) =>
      Array.from({ length: block.to - block.from + 1 }, (_, i) => block.batch.at(block.offset + i) as Captured),
    )
    for (const block of tail) this.#forget(block)
    this.#blocks.length -= tail.length
    this.#insert(new CaptureBatch(packBatch(records)))
  }

  /** Lets go of what is farthest both from where somebody looks and from the newest, never of what is looked at. */
  #evict(latest?: Range): void {
    while (this.#octets > this.#limits.octets || this.#records > this.#limits.records) {
      const index = this.#farthest(latest)
      if (index === undefined) break
      const [gone] = this.#blocks.splice(index, 1)
      if (gone !== undefined) this.#forget(gone)
    }
    this.#dropOldGaps()
  }

  /**
   * Index of the block to let go of: the oldest one, or one half way between two places where somebody looks or the
   * newest is, whichever is farthest from all of these.
   */
  #farthest(latest?: Range): number | undefined {
    const anchors = [...this.#visible, { from: this.#last, to: this.#last }]
    const between = anchors.slice(1).map(({ from }, i) => this.#position(((anchors[i]?.to ?? from) + from) / 2))
    let best: number | undefined
    let most = 0
    for (const index of [0, ...between.flatMap((middle) => [middle - 1, middle])]) {
      const block = this.#blocks[index]
      if (block === undefined) continue
      const distance = Math.min(...anchors.map((anchor) => distanceOf(block, anchor)))
      if (latest !== undefined && distanceOf(block, latest) === 0) continue
      if (distance <= most) continue
      best = index
      most = distance
    }
    return best
  }

  /** A gap older than anything that could be kept is not read for its own sake: it is history like the rest. */
  #dropOldGaps(): void {
    const horizon = this.#last - this.#limits.records / 2
    const first = this.#gaps[0]
    if (first !== undefined && first.from < horizon) {
      this.#gaps = this.#gaps.flatMap((gap) => subtract(gap, { from: 0, to: horizon }))
    }
  }

  #forget(block: Block): void {
    this.#octets -= block.octets
    this.#records -= block.to - block.from + 1
  }

  /** Reads what is missing, one block at a time: first what somebody looks at, then the newest gap. */
  async #fill(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    const generation = this.#generation
    try {
      for (let wanted = this.#nextWanted(); wanted !== undefined; wanted = this.#nextWanted()) {
        const block = await this.#read(wanted.from, wanted.to - wanted.from + 1)
        if (generation !== this.#generation) return
        this.#takeAnswer(wanted, new CaptureBatch(block))
      }
    } catch (error) {
      this.#readFailed.fire(error)
    } finally {
      if (generation === this.#generation) this.#reading = false
    }
  }

  #takeAnswer(wanted: Range, batch: CaptureBatch): void {
    if (batch.count > 0) this.#insert(batch)
    const oldest = batch.count > 0 ? batch.first : wanted.to + 1
    if (oldest > wanted.from) {
      // The ring has nothing older than what it answers with; a recording answers with the next record that is there.
      if (this.#isRecording) this.#lose({ from: wanted.from, to: oldest - 1 })
      else this.setEvicted(oldest - 1)
    }
    // What came must stay until the next question: it may end at a hole before what is looked at, and be asked for again.
    this.#evict({ from: batch.first, to: batch.first + batch.count - 1 })
    this.#changed.fire()
  }

  #lose(range: Range): void {
    this.#lost = unite(this.#lost, range)
    this.#gaps = this.#gaps.flatMap((gap) => subtract(gap, range))
  }

  /** The parts of a range that are not here, and not known to be nowhere. */
  #unread(range: Range): Range[] {
    return this.#lost.reduce((parts, lost) => parts.flatMap((part) => subtract(part, lost)), this.#absent(range))
  }

  #nextWanted(): Range | undefined {
    for (const visible of this.#visible) {
      const [seen] = this.#unread(atLeast(visible, this.#oldest))
      if (seen !== undefined) return this.#withNeighbours(seen)
    }
    const gap = this.#gaps.at(-1)
    return gap === undefined ? undefined : { from: Math.max(gap.from, gap.to - readLimit + 1), to: gap.to }
  }

  #withNeighbours(seen: Range): Range {
    const ahead = this.#octets < smallRecord * Math.max(1, this.#records) ? readAhead : 0
    const wide = { from: Math.max(seen.from - ahead, this.#oldest), to: Math.min(seen.to + ahead, this.#last) }
    const part = this.#unread(wide).find((absent) => absent.to >= seen.from) ?? seen
    return { from: part.from, to: Math.min(part.to, part.from + readLimit - 1) }
  }
}
