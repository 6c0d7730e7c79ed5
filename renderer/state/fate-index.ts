import { type Captured, isFate, type PacketFate } from '../../app/capture/captured.ts'

/** What has become of a packet that did not simply go on. */
export interface Fate {
  /** The latest that is known: `held` is still held. */
  readonly state: 'held' | 'dropped' | 'sent'
  /** Rules, breakpoints or people that did it. */
  readonly by: string
  /** Nanoseconds between arrival and leaving; 0 unless it was sent. */
  readonly delay: number
  /** How many times it was sent; 0 unless it was. */
  readonly copies: number
  /** Other octets went on than came. */
  readonly changed: boolean
}

interface Told {
  /** The number of the event. */
  readonly event: number
  readonly fate: PacketFate
}

const mostPackets = 200_000
/** A packet is held, and let go of; more than a few events about one are no fate but a loop. */
const mostEvents = 16

/** The fates of packets by their numbers, from the events that tell them, in whatever order these are read. */
export class FateIndex {
  readonly #most: number
  readonly #told = new Map<number, readonly Told[]>()

  constructor(most = mostPackets) {
    this.#most = most
  }

  /** Packets of which a fate is known. */
  get size(): number {
    return this.#told.size
  }

  /** What has become of the packet with this number, as far as it is known. */
  of(packet: number): Fate | undefined {
    const last = this.#told.get(packet)?.at(-1)?.fate
    return last === undefined ? undefined : summaryOf(last)
  }

  /** All that was told of the packet, in order. */
  eventsOf(packet: number): readonly PacketFate[] {
    return this.#told.get(packet)?.map(({ fate }) => fate) ?? []
  }

  /** Takes any record; only what tells a fate is of use. */
  add(record: Captured): void {
    if (record.kind === 'packet' || !isFate(record.event)) return
    const { event: fate, number } = record
    const known = this.#told.get(fate.packet) ?? []
    if (known.some(({ event }) => event === number)) return
    const told = [...known, { event: number, fate }].sort((a, b) => a.event - b.event).slice(-mostEvents)
    this.#told.set(fate.packet, told)
    const [oldest] = this.#told.keys()
    if (this.#told.size > this.#most && oldest !== undefined) this.#told.delete(oldest)
  }

  /**
   * Packets below this number have left. Those that came in order are let go of at once; the few that were read later go
   * when there are too many.
   */
  dropBefore(number: number): void {
    for (const packet of this.#told.keys()) {
      if (packet >= number) return
      this.#told.delete(packet)
    }
  }

  clear(): void {
    this.#told.clear()
  }
}

function summaryOf(fate: PacketFate): Fate {
  const { by } = fate
  if (fate.type !== 'packet sent') {
    return { state: fate.type === 'packet held' ? 'held' : 'dropped', by, delay: 0, copies: 0, changed: false }
  }
  return { state: 'sent', by, delay: fate.delay, copies: fate.copies, changed: fate.octets !== undefined }
}
