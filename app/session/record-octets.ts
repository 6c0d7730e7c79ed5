import { textLength, writeText } from '../mqtt/codec/text.ts'

/** What is stored is not what was written: it is damaged, or of a later version. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Puts the octets of one record together, one field after the other. */
export class RecordWriter {
  #octets: Uint8Array
  #view: DataView
  #length = 0

  /** @param room octets that it will need about */
  constructor(room: number) {
    this.#octets = new Uint8Array(room)
    this.#view = new DataView(this.#octets.buffer)
  }

  octet(value: number): this {
    this.#reserve(1)
    this.#octets[this.#length++] = value
    return this
  }

  /** A whole number from 0 to 2^53, 7 bits an octet, the lowest first. */
  whole(value: number): this {
    let left = value
    while (left >= 0x80) {
      this.octet((left % 0x80) | 0x80)
      left = Math.floor(left / 0x80)
    }
    return this.octet(left)
  }

  /** Any number. */
  number(value: number): this {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
    return this
  }

  text(text: string): this {
    const length = textLength(text)
    this.whole(length)
    this.#reserve(length)
    writeText(text, this.#octets, this.#length)
    this.#length += length
    return this
  }

  octets(octets: Uint8Array): this {
    this.whole(octets.length)
    this.#reserve(octets.length)
    this.#octets.set(octets, this.#length)
    this.#length += octets.length
    return this
  }

  /** One octet that says whether it is there, and then what `write` writes of it. */
  optional<T>(value: T | undefined, write: (value: T) => void): this {
    this.octet(value === undefined ? 0 : 1)
    if (value !== undefined) write(value)
    return this
  }

  /** What was written; the writer is used up. */
  finish(): Uint8Array {
    return this.#octets.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#octets.length) return
    const larger = new Uint8Array(Math.max(needed, this.#octets.length * 2))
    larger.set(this.#octets)
    this.#octets = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Reads what a RecordWriter has written. Every read throws a RecordError where that is not what is there. */
export class RecordReader {
  readonly #octets: Uint8Array
  #at = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  octet(): number {
    return this.#octets[this.#take(1)] as number
  }

  /** An octet that is one of so many, from 0. */
  choice(count: number): number {
    const value = this.octet()
    if (value >= count) throw new RecordError(`${value} where a number below ${count} is expected`)
    return value
  }

  whole(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const octet = this.octet()
      value += (octet & 0x7f) * scale
      if (octet < 0x80) return value
    }
    throw new RecordError('a number is too long')
  }

  number(): number {
    const at = this.#take(8)
    return new DataView(this.#octets.buffer, this.#octets.byteOffset + at, 8).getFloat64(0)
  }

  text(): string {
    try {
      return strict.decode(this.octets())
    } catch (error) {
      if (error instanceof RecordError) throw error
      throw new RecordError('text that is not well-formed', { cause: error })
    }
  }

  /** As a view. */
  octets(): Uint8Array {
    const length = this.whole()
    const at = this.#take(length)
    return this.#octets.subarray(at, at + length)
  }

  optional<T>(read: () => T): T | undefined {
    return this.choice(2) === 0 ? undefined : read()
  }

  /** Nothing may be left. */
  finish(): void {
    const left = this.#octets.length - this.#at
    if (left > 0) throw new RecordError(`${left} octets are left over`)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#octets.length) throw new RecordError('it is cut short')
    this.#at = at + count
    return at
  }
}
