import { FaultlineError } from '../base/errors.ts'
import { malformations } from '../mqtt/framer.ts'
import { mostPacketOctets } from '../mqtt/packets.ts'
import type { Captured, ConnectionEvent } from './captured.ts'
import { readEvent } from './read-event.ts'

/**
 * A run of consecutive captured records in one block of octets, so that thousands of packets cross the contract as one
 * value and are decoded only where somebody looks.
 *
 * Little-endian: version u8, 3 octets 0, count u32, number of the first record f64; then a column each of
 * time f64 · message f64 · connection u32 · publisher u32 · end of octets u32 · flags u8; then the length u32 and the
 * octets of all records; then as JSON the list of publishers that `publisher` points into, from 1 (0 is none), and the
 * length on the wire of packets that were kept in part, by their position.
 */
const version = 2
const headerLength = 16
const rowLength = 8 + 8 + 4 + 4 + 4 + 1

/** Bits 4 to 7 hold the position in `malformations`, from 1; 0 is a well-formed packet. */
const flag = { event: 1, toClient: 2, will: 4 } as const
const malformedShift = 4

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Packs records whose numbers follow one another without a gap.
 *
 * @param first what `first` of the block says; an empty block can so tell the number that the next record will have.
 */
export function packBatch(records: readonly Captured[], first = records[0]?.number ?? 0): Uint8Array {
  const publishers = new Map<string, number>()
  for (const record of records) {
    const publisher = record.kind === 'packet' ? record.origin?.clientId : undefined
    if (publisher !== undefined && !publishers.has(publisher)) publishers.set(publisher, publishers.size + 1)
  }
  const bodies = records.map((record) =>
    record.kind === 'packet' ? record.octets : utf8.encode(JSON.stringify(record.event)),
  )
  const octetsLength = bodies.reduce((sum, body) => sum + body.length, 0)
  const octetsStart = headerLength + records.length * rowLength + 4
  const lengths = records.flatMap((record, i) =>
    record.kind === 'event' || record.length === record.octets.length ? [] : [[i, record.length]],
  )
  const tail = utf8.encode(JSON.stringify({ publishers: [...publishers.keys()], lengths }))
  const block = new Uint8Array(octetsStart + octetsLength + tail.length)
  const view = new DataView(block.buffer)
  block[0] = version
  view.setUint32(4, records.length, true)
  view.setFloat64(8, first, true)
  const at = columns(records.length)
  let end = 0
  records.forEach((record, i) => {
    const body = bodies[i] as Uint8Array
    block.set(body, octetsStart + end)
    end += body.length
    const origin = record.kind === 'packet' ? record.origin : undefined
    const publisher = origin?.clientId === undefined ? 0 : publishers.get(origin.clientId)
    view.setFloat64(at.time + i * 8, record.time, true)
    view.setFloat64(at.message + i * 8, origin?.message ?? 0, true)
    view.setUint32(at.connection + i * 4, record.connection, true)
    view.setUint32(at.publisher + i * 4, publisher ?? 0, true)
    view.setUint32(at.end + i * 4, end, true)
    view.setUint8(at.flags + i, flagsOf(record))
  })
  view.setUint32(octetsStart - 4, octetsLength, true)
  block.set(tail, octetsStart + octetsLength)
  return block
}

function flagsOf(record: Captured): number {
  if (record.kind === 'event') return flag.event
  return (
    (record.direction === 'to client' ? flag.toClient : 0) |
    (record.origin?.kind === 'will' ? flag.will : 0) |
    (record.malformed ? (malformations.indexOf(record.malformed) + 1) << malformedShift : 0)
  )
}

function columns(count: number) {
  const time = headerLength
  const message = time + count * 8
  const connection = message + count * 8
  const publisher = connection + count * 4
  const end = publisher + count * 4
  const flags = end + count * 4
  return { time, message, connection, publisher, end, flags }
}

/** Reads a block that `packBatch` wrote; a record is decoded when it is asked for. */
export class CaptureBatch {
  /** The number of the first record; in an empty block the number that the next one will have. */
  readonly first: number
  readonly count: number
  /** Octets that the whole block takes. */
  readonly size: number
  readonly #block: Uint8Array
  readonly #view: DataView
  readonly #at: ReturnType<typeof columns>
  readonly #octetsStart: number
  readonly #publishers: readonly string[]
  readonly #lengths: ReadonlyMap<number, number>

  /** @throws FaultlineError `invalid-message` when the block is of another version, cut short or does not add up. */
  constructor(block: Uint8Array) {
    this.#block = block
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength)
    if (block.length < headerLength || block[0] !== version) throw notABatch('it has another version, or none')
    this.size = block.length
    this.count = this.#view.getUint32(4, true)
    this.first = this.#view.getFloat64(8, true)
    this.#at = columns(this.count)
    this.#octetsStart = headerLength + this.count * rowLength + 4
    if (this.#octetsStart > block.length) throw notABatch('it is cut short')
    const tail = this.#octetsStart + this.#view.getUint32(this.#octetsStart - 4, true)
    if (tail > block.length) throw notABatch('it is cut short')
    if (!this.#canBeCounted() || !this.#endsRiseTo(tail)) throw notABatch('its numbers do not add up')
    const { publishers, lengths } = parseTail(text.decode(block.subarray(tail)))
    this.#publishers = publishers
    this.#lengths = new Map(lengths)
    for (const [index, length] of this.#lengths) {
      const isLength = index < this.count && length >= this.#octetEnd(index) - this.#octetEnd(index - 1)
      if (!isLength || length > mostPacketOctets) throw notABatch('its lengths do not add up')
    }
  }

  /**
   * The record at `index`, from 0; undefined outside of the block. What it says is what it can be, see `readEvent`.
   *
   * @throws FaultlineError `invalid-message` when the record is an event that cannot be read.
   */
  at(index: number): Captured | undefined {
    if (!(index >= 0 && index < this.count)) return undefined
    const flags = this.#view.getUint8(this.#at.flags + index)
    const octets = this.#block.subarray(this.#octetEnd(index - 1), this.#octetEnd(index))
    const common = {
      number: this.first + index,
      time: this.#view.getFloat64(this.#at.time + index * 8, true),
      connection: this.#view.getUint32(this.#at.connection + index * 4, true),
    }
    if (flags & flag.event) return { kind: 'event', ...common, event: parseEvent(text.decode(octets)) }
    const message = this.#view.getFloat64(this.#at.message + index * 8, true)
    const publisher = this.#view.getUint32(this.#at.publisher + index * 4, true)
    return {
      kind: 'packet',
      ...common,
      direction: flags & flag.toClient ? 'to client' : 'to broker',
      octets,
      length: this.#lengths.get(index) ?? octets.length,
      malformed: malformations[(flags >>> malformedShift) - 1] ?? false,
      origin:
        message === 0
          ? undefined
          : { message, kind: flags & flag.will ? 'will' : 'publish', clientId: this.#publishers[publisher - 1] },
    }
  }

  /** The Network Connection of the record at `index`, without reading the rest of it; undefined outside of the block. */
  connectionAt(index: number): number | undefined {
    if (!(index >= 0 && index < this.count)) return undefined
    return this.#view.getUint32(this.#at.connection + index * 4, true)
  }

  /** Whether the record at `index` is an event, without reading the rest of it; false outside of the block. */
  isEventAt(index: number): boolean {
    return index >= 0 && index < this.count && (this.#view.getUint8(this.#at.flags + index) & flag.event) !== 0
  }

  /** Where the octets of the record end, from the start of the block. */
  #octetEnd(index: number): number {
    return this.#octetsStart + (index < 0 ? 0 : this.#view.getUint32(this.#at.end + index * 4, true))
  }

  /** Where one number more is the same number, whoever counts never comes to an end. */
  #canBeCounted(): boolean {
    if (!(this.first >= 0) || !Number.isSafeInteger(this.first) || !Number.isSafeInteger(this.first + this.count)) {
      return false
    }
    for (let i = 0; i < this.count; i++) {
      const time = this.#view.getFloat64(this.#at.time + i * 8, true)
      const message = this.#view.getFloat64(this.#at.message + i * 8, true)
      if (!Number.isFinite(time) || !Number.isSafeInteger(message)) return false
    }
    return true
  }

  #endsRiseTo(tail: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.#octetEnd(i) < this.#octetEnd(i - 1)) return false
    return this.#octetEnd(this.count - 1) === tail
  }
}

function parseTail(json: string): { publishers: readonly string[]; lengths: readonly [number, number][] } {
  try {
    const { publishers, lengths }: { publishers?: unknown; lengths?: unknown } = JSON.parse(json)
    if (isListOf(publishers, (item) => typeof item === 'string') && isListOf(lengths, isPair)) {
      return { publishers, lengths }
    }
  } catch {
    // Falls through to the same answer as lists of something else.
  }
  throw notABatch('its lists of publishers and lengths are broken')
}

function isListOf<T>(list: unknown, isItem: (item: unknown) => item is T): list is T[] {
  return Array.isArray(list) && list.every(isItem)
}

function isPair(item: unknown): item is [number, number] {
  return Array.isArray(item) && item.length === 2 && item.every((part) => Number.isSafeInteger(part) && part >= 0)
}

function parseEvent(json: string): ConnectionEvent {
  let event: ConnectionEvent | string = 'it is no JSON'
  try {
    event = readEvent(JSON.parse(json))
  } catch {
    // Falls through to the same answer as something else than an event.
  }
  if (typeof event === 'string') throw notABatch(`one of its events is broken: ${event}`)
  return event
}

function notABatch(why: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-message',
    message: `a block of captured packets cannot be read: ${why}`,
    hint: 'reload the page, so that it is of the same version as the workbench; if a recording says so, its file is damaged',
  })
}
