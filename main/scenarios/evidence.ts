import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured, CapturedPacket } from '../../app/capture/captured.ts'
import type { ConnectionNames } from '../../app/capture/subject.ts'
import { readConnect, type Will } from '../../app/handshake/read.ts'
import { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { Measured } from '../../app/scenario/thresholds.ts'
import type { Bench, BrokerLosses, SeenWills } from './bench.ts'
import { ClientNotes } from './client-notes.ts'
import { RunMeter } from './run-meter.ts'
import { Upsets } from './upsets.ts'

/** How many records are read at once, and for how many milliseconds they are taken in before others get their turn. */
const recordsAtOnce = 256
const turn = 8

/** What became of a will, as the capture tells it. */
export interface WillEvidence {
  readonly type: 'will published' | 'will dropped'
  readonly clientId: string
  /** Empty where it was dropped. */
  readonly topic: string
  readonly reason: string
  /** Of its record. */
  readonly number: number
}

/** A Will Message that a client has handed in with its CONNECT. */
export interface StatedWill {
  readonly clientId: string
  readonly will: Will
  /** Of its record. */
  readonly number: number
  /** Of the record since which it has handed in the same, with each CONNECT. */
  readonly since: number
}

/** How the broker ended or refused a connection. */
export interface RefusalEvidence {
  readonly clientId: string
  readonly code: number
  readonly number: number
}

/**
 * What was on the wire in a run, taken in as it comes: Messages with their Exchanges, wills, refusals, and what thresholds are
 * judged by. Expectations look at it again whenever there is more.
 */
export class Evidence implements Disposable {
  readonly tracker: HandshakeTracker
  readonly wills = new ClientNotes<WillEvidence>(({ reason, topic }) => reason.length + topic.length)
  readonly statedWills = new ClientNotes<StatedWill>(({ will }) => will.topic.length + will.payload.length)
  readonly refusals = new ClientNotes<RefusalEvidence>()
  readonly upsets: Upsets
  readonly #capture: Bench['capture']
  readonly #clock: Clock
  readonly #meter: RunMeter
  readonly #more = new Emitter<void>()
  readonly #disposables = new DisposableStore()
  #next = 1
  /** When the newest record was captured that has been taken in. */
  #newestAt = 0
  #reading = false
  #disposed = false
  #broken = false
  #hasKeepAliveWill = false

  /** Fires after records were taken in. */
  readonly onMore = this.#more.event
  /** For those who read records: of connections that have ended too. */
  readonly names: ConnectionNames = {
    clientId: (connection) => this.#capture.clientId(connection),
    version: (connection) => this.#meter.versions.get(connection),
  }

  /** @param problem hears of a record that cannot be read: nothing is taken in after it, and the run cannot be judged */
  constructor(capture: Bench['capture'], clock: Clock, problem: (error: unknown) => void) {
    this.#capture = capture
    this.#clock = clock
    const clientId = (connection: number) => capture.clientId(connection)
    this.#meter = new RunMeter(clientId)
    const { messages } = this.#meter
    // What it lets go of counts for thresholds all the same.
    const onForgotten = messages.forget.bind(messages)
    this.tracker = new HandshakeTracker({ mostMessages: 100_000, onForgotten })
    this.upsets = new Upsets(clientId)
    const takeIn = () => {
      this.#takeIn().catch((error: unknown) => {
        this.#broken = true
        problem(error)
      })
    }
    this.#disposables.add(capture.onRecorded(takeIn))
    takeIn()
  }

  /** The number that the next record will have: of the capture, whether it was taken in or not. */
  get next(): number {
    return this.#capture.next
  }

  /** Until when, in the capture's time, all has been taken in: behind a load that is some time ago. */
  get seenUntil(): number {
    return this.#next < this.#capture.next ? this.#newestAt : this.#capture.time
  }

  /** Records that left the ring before they could be read. */
  get missed(): number {
    return this.tracker.unseen
  }

  /** Whether the broker has said of a will that a keep alive ran out. */
  get hasKeepAliveWill(): boolean {
    return this.#hasKeepAliveWill
  }

  /** Resolves when all that was captured by now has been taken in, or nothing more will be. */
  async settled(): Promise<void> {
    const end = this.#capture.next
    while (!this.#disposed && !this.#broken && this.#next < end) await this.#pause()
  }

  /** Records from number `from` to `to`, both included, as far as they are still there; at most `most`, the last of them. */
  records(from: number, to: number, most: number): Captured[] {
    const last = Math.min(to, this.#capture.next - 1)
    const first = Math.max(from, last - most + 1, this.#capture.first)
    const found: Captured[] = []
    for (let at = first; at <= last; ) {
      const batch = new CaptureBatch(this.#capture.read(at, Math.min(recordsAtOnce, last - at + 1)))
      if (batch.count === 0) break
      for (let i = 0; i < batch.count; i++) {
        const record = batch.at(i)
        if (record !== undefined && record.number <= last) found.push(record)
      }
      at = batch.first + batch.count
    }
    return found
  }

  /**
   * What thresholds are judged by, of all that was taken in.
   *
   * @param losses what the broker says that it has never sent; undefined where it does not tell
   * @param wills those that were seen to be published; undefined where the broker itself tells
   */
  measured(losses?: BrokerLosses, wills?: SeenWills): Measured {
    return this.#meter.measured(this.tracker, losses, wills)
  }

  get meter(): RunMeter {
    return this.#meter
  }

  dispose(): void {
    this.#disposed = true
    this.#disposables.dispose()
    this.#more.dispose()
  }

  async #takeIn(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    let since = this.#clock.monotonic()
    while (!this.#disposed && this.#next < this.#capture.next) {
      this.#takeInBlock(new CaptureBatch(this.#capture.read(this.#next, recordsAtOnce)))
      if (this.#clock.monotonic() - since < turn * 1e6) continue
      this.#more.fire()
      await this.#pause()
      since = this.#clock.monotonic()
    }
    this.#reading = false
    if (!this.#disposed) this.#more.fire()
  }

  #takeInBlock(batch: CaptureBatch): void {
    const gone = batch.first - this.#next
    if (gone > 0) this.tracker.missed(gone)
    for (let i = 0; i < batch.count; i++) {
      const record = batch.at(i)
      if (record === undefined) continue
      this.tracker.add(record)
      this.#meter.add(record)
      this.upsets.add(record)
      this.#note(record)
    }
    this.#next = batch.first + batch.count
    this.#newestAt = batch.at(batch.count - 1)?.time ?? this.#newestAt
  }

  #note(record: Captured): void {
    const { number } = record
    if (record.kind === 'packet') {
      this.#noteWill(record)
      const refusal = this.#meter.refusalOf(record)
      if (refusal !== undefined) this.refusals.add({ ...refusal, number })
      return
    }
    const { event } = record
    if (event.type !== 'will published' && event.type !== 'will dropped') return
    const { clientId, reason = '', type } = event
    if (reason.startsWith('keep alive')) this.#hasKeepAliveWill = true
    this.wills.add({ type, clientId, reason, number, topic: 'topic' in event ? event.topic : '' })
  }

  #noteWill({ connection, direction, malformed, number, octets }: CapturedPacket): void {
    const isConnect = direction === 'to broker' && malformed === false && (octets[0] ?? 0) >>> 4 === 1
    const will = isConnect ? readConnect(octets)?.will : undefined
    const clientId = this.#capture.clientId(connection)
    if (will === undefined || clientId === undefined) return
    const last = this.statedWills.of(clientId).at(-1)
    const isSame = last !== undefined && isSameContent(last.will, will)
    this.statedWills.add({ clientId, will, number, since: isSame ? last.since : number })
  }

  /** Lets others have their turn. */
  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(0, resolve))
  }
}

function isSameContent(a: Will, b: Will): boolean {
  return a.topic === b.topic && Buffer.compare(a.payload, b.payload) === 0
}
