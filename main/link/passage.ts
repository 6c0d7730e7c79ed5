import type { CapturedPacket, PacketFate } from '../../app/capture/captured.ts'
import type { Origin } from '../../app/mqtt/network-connection.ts'
import type { ActiveRule } from './active-rule.ts'

/** Where the fates of packets are reported, and the time, in nanoseconds. */
export interface FateReport {
  fate(fate: PacketFate): void
  now(): number
}

/**
 * One packet on its way through a Link that does not simply pass it on: what was done to it and by whom, so that the
 * capture hears of it exactly once.
 */
export class Passage {
  readonly #report: FateReport
  readonly #arrivedAt: number
  /** What breakpoints and rules are shown; undefined for a packet that is streamed, which they do not see. */
  readonly record: CapturedPacket | undefined
  /** How many times it is to be sent. */
  copies = 1
  /** Breakpoints are not asked about it: somebody has let it go. */
  released = false
  /** A part of it has gone on. */
  begun = false
  /** The rules that shape its octets, once that is decided. */
  shapers: readonly ActiveRule[] | undefined
  #number: number | undefined
  /** Who has done something to it, in order. */
  readonly #by = new Set<string>()
  /** What it had to wait for, where nothing was done to itself. */
  #behind: string | undefined
  #late = false
  #changed: Uint8Array | undefined
  #droppedBy: string | undefined

  /** @param arrivedAt monotonic time, in nanoseconds. */
  constructor(report: FateReport, arrivedAt: number, record?: CapturedPacket) {
    this.#report = report
    this.#arrivedAt = arrivedAt
    this.record = record
    this.#number = record?.number
  }

  /** The number of its record, for one that was streamed. */
  numbered(number: number): void {
    this.#number = number
  }

  get dropped(): boolean {
    return this.#droppedBy !== undefined
  }

  /** Who did something to it, or to what it waits for. */
  get by(): string {
    return this.#by.size > 0 ? [...this.#by].join(', ') : (this.#behind ?? '')
  }

  touched(by: string): void {
    this.#by.add(by)
  }

  changed(by: string, octets: Uint8Array): void {
    this.#by.add(by)
    this.#changed = octets
  }

  /** It does not go on in the turn in which it came. */
  waits(behind?: string): void {
    this.#late = true
    this.#behind ??= behind
  }

  held(by: string): void {
    this.#by.add(by)
    this.#late = true
    if (this.#number !== undefined) this.#report.fate({ type: 'packet held', packet: this.#number, by })
  }

  /** None of it goes on any more. The first reason is the one that counts. */
  drop(by: string): void {
    this.#droppedBy ??= by
  }

  /** Nothing more will happen to it: it has gone on, or was dropped. Called once, when its record has its number. */
  over(): void {
    const packet = this.#number
    if (packet === undefined) return
    if (this.#droppedBy !== undefined) {
      this.#report.fate({ type: 'packet dropped', packet, by: this.#droppedBy })
    } else if (this.#late || this.copies > 1 || this.#changed) {
      const delay = this.#report.now() - this.#arrivedAt
      const octets = this.#changed && { octets: hexadecimal(this.#changed) }
      this.#report.fate({ type: 'packet sent', packet, by: this.by, delay, copies: this.copies, ...octets })
    }
  }
}

/** A packet that is under way, or a part of one that is streamed. */
export interface Cargo {
  readonly kind: 'cargo'
  readonly passage: Passage
  readonly part: 'whole' | 'middle' | 'last'
  /** What goes on of it. */
  octets: Uint8Array
  readonly origin: Origin | undefined
  /** How much of the room for what waits it takes, in octets. */
  readonly weight: number
}

/** How a Network Connection ends, in its place behind the packets before it. */
export type Ending =
  | { readonly kind: 'fin'; readonly reason: string | undefined }
  | { readonly kind: 'rst'; readonly reason: string | undefined }
  | { readonly kind: 'cut'; readonly how: 'rst' | 'fin'; readonly by: string }

export type Traffic = Cargo | Ending

/** What a waiting packet takes besides its octets: many small ones must not wait without end either. */
const overhead = 100

export function cargoOf(passage: Passage, part: Cargo['part'], octets: Uint8Array, origin: Origin | undefined): Cargo {
  return { kind: 'cargo', passage, part, octets, origin, weight: octets.length + overhead }
}

/** An event must stay an event: of more octets than a capture keeps of a packet, only the first are told. */
const mostTold = 1024 * 1024

function hexadecimal(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, mostTold)).toString('hex')
}
