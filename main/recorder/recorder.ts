import type { Clock } from '../../app/base/clock.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { packBatch } from '../../app/capture/batch.ts'
import type { Captured, ConnectionEvent } from '../../app/capture/captured.ts'
import { sizeOf } from '../../app/capture/recording-chunks.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'
import { Segment } from './segment.ts'

const mebibyte = 1024 * 1024
const defaultBudget = 64 * mebibyte

/** A block that a screen asks for holds no more than this, unless its first record alone does. */
const mostBlockOctets = 4 * mebibyte

export interface RecorderStats {
  /** Records since the capture began. */
  readonly captured: number
  /** Octets of memory that the ring takes, columns included. */
  readonly octets: number
  /** Records that have left the ring to make room. */
  readonly evicted: number
  /** Octets of very large packets that were never in it: of each only the first part is kept. */
  readonly cut: number
}

/** Of a packet larger than this only so much is kept, so that a few firmware images do not push out everything else. */
const keeps = mebibyte

/**
 * Keeps all that passes the tap, numbered from 1 without a gap, in a ring with a budget: when it is full, the oldest
 * records leave, and are counted. Of a very large packet the first part is kept, and the rest counted.
 *
 * Records have the time at which they came here, which never goes back. What the broker sends to many in a row may share
 * one: up to 16 packets of one call of the event loop, which is less than a millisecond of work (see `Clock.recent`). What
 * comes from a client, and the first packet that answers it, have their own: between them lies what the broker takes.
 */
export class Recorder implements Tap {
  /** Wall time at which the capture's time is 0, in milliseconds since 1970. */
  readonly startedAt: number
  readonly #clock: Clock
  readonly #budget: number
  /** See `Tap`. */
  readonly keeps: number
  readonly #segmentOctets: number
  readonly #segmentRecords: number
  readonly #start: number
  readonly #recorded = new Emitter<void>()
  /** Something was recorded. Fires once for all records of one turn of the event loop. */
  readonly onRecorded: Event<void> = this.#recorded.event
  /** The oldest first; only the newest one is written to. */
  #segments: Segment[] = []
  /** Octets of all segments but the newest. */
  #fullOctets = 0
  #next = 1
  #newestAt = 0
  /** The last record is a packet that the broker has sent. */
  #isSending = false
  #cut = 0
  #announced = false

  /** @param options.budget octets of memory for the ring, at least 64 KiB; 64 MiB when it is not given. */
  constructor({ clock, budget = defaultBudget }: { readonly clock: Clock; readonly budget?: number }) {
    this.#clock = clock
    this.#budget = Math.max(budget, 64 * 1024)
    // Evicting frees one segment: small enough that little is lost at once, large enough that it is rare.
    this.#segmentOctets = Math.min(mebibyte, Math.floor(this.#budget / 16))
    this.keeps = Math.min(keeps, Math.floor(this.#budget / 4))
    this.#segmentRecords = Math.ceil(this.#segmentOctets / 64)
    this.#start = clock.monotonic()
    this.startedAt = clock.now()
  }

  /** The number that the next record will have. */
  get next(): number {
    return this.#next
  }

  /** The number of the oldest record that is still there; `next` when there is none. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next
  }

  /** The capture's time now, in nanoseconds. */
  get time(): number {
    return this.#clock.monotonic() - this.#start
  }

  get newestAt(): number {
    return this.startedAt + this.#newestAt / 1e6
  }

  packet(
    connection: number,
    direction: Direction,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
    length: number,
  ): number {
    const kept = octets.length > this.keeps ? octets.subarray(0, this.keeps) : octets
    this.#cut += length - kept.length
    const segment = this.#segmentFor(kept.length)
    const time = this.#time(this.#timeOf(direction))
    segment.addPacket(time, connection, direction, kept, malformed, origin, length)
    return this.#added()
  }

  event(connection: number, event: ConnectionEvent): void {
    this.#isSending = false
    this.#segmentFor(0).addEvent(this.#time(this.#clock.monotonic()), connection, event)
    this.#added()
  }

  /**
   * A `packBatch` block of consecutive records: from number `from`, or from the oldest that is still there. It has at
   * most `limit` records, fewer where they are large. A block without records says `next` as its first number.
   */
  read(from: number, limit: number): Uint8Array {
    const records: Captured[] = []
    let octets = 0
    let number = Math.max(from, this.first)
    let position = this.#segments.findIndex(({ first, count }) => number < first + count)
    while (records.length < limit && octets < mostBlockOctets && number < this.#next) {
      const segment = this.#segments[position] as Segment
      const record = segment.at(number - segment.first)
      octets += sizeOf(record)
      if (octets > mostBlockOctets && records.length > 0) break
      records.push(record)
      number += 1
      if (number === segment.first + segment.count) position += 1
    }
    return packBatch(records, records[0]?.number ?? Math.min(number, this.#next))
  }

  stats(): RecorderStats {
    return {
      captured: this.#next - 1,
      octets: this.#fullOctets + (this.#newest?.size ?? 0),
      evicted: this.first - 1,
      cut: this.#cut,
    }
  }

  get #newest(): Segment | undefined {
    return this.#segments[this.#segments.length - 1]
  }

  #timeOf(direction: Direction): number {
    const isNext = this.#isSending && direction === 'to client'
    this.#isSending = direction === 'to client'
    return (isNext ? this.#clock.recent?.() : undefined) ?? this.#clock.monotonic()
  }

  #time(now: number): number {
    // What is recent may be a little older than an event before it: time does not go back in a capture.
    this.#newestAt = Math.max(this.#newestAt, now - this.#start)
    return this.#newestAt
  }

  /** Where to put a record of so many octets. */
  #segmentFor(octets: number): Segment {
    const newest = this.#newest
    if (newest?.fits(octets)) return newest
    this.#fullOctets += newest?.size ?? 0
    const segment = this.#reused() ?? new Segment(this.#next, this.#segmentRecords, this.#segmentOctets)
    this.#segments.push(segment)
    return segment
  }

  /** The oldest segment, empty, where the budget has no room for one more. */
  #reused(): Segment | undefined {
    const [oldest] = this.#segments
    if (oldest === undefined || this.#segments.length === 1) return undefined
    if (this.#fullOctets + Segment.sizeOf(this.#segmentRecords, this.#segmentOctets) <= this.#budget) return undefined
    this.#segments.shift()
    this.#fullOctets -= oldest.size
    oldest.reuse(this.#next)
    return oldest
  }

  /** Gives the number of what was added. */
  #added(): number {
    const number = this.#next++
    while (this.#segments.length > 1 && this.#fullOctets + (this.#newest?.size ?? 0) > this.#budget) {
      this.#fullOctets -= (this.#segments.shift() as Segment).size
    }
    if (this.#announced || !this.#recorded.hasListeners) return number
    this.#announced = true
    queueMicrotask(() => {
      this.#announced = false
      this.#recorded.fire()
    })
    return number
  }
}
