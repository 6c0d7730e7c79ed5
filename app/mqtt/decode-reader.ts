import type { ProtocolVersion } from './control-packet.ts'
import { countOctets, describeText, isWellFormed, textOf } from './decode-values.ts'
import type { Field, Violation } from './decoded.ts'
import { readVariableByteInteger } from './summary.ts'

/** What is said of a field beside its name and its place. */
export interface Words {
  readonly value: string
  readonly remark?: string | undefined
}

const mostItems = 10_000

/** A value that was read, and where it stands. */
export interface Read<T> {
  readonly value: T
  readonly start: number
  readonly end: number
}

type Say<T> = (value: T) => Words | string

/**
 * Reads the fields of one Control Packet one after the other, with what is wrong with them. From the first one on that
 * cannot be read whole it has `stopped`, gives undefined and adds no more fields, so that nobody has to ask each time.
 */
export class PacketReader {
  readonly octets: Uint8Array
  readonly fields: Field[] = []
  readonly violations: Violation[] = []
  readonly version: ProtocolVersion
  #at = 0
  /** Where the packet, or the part of it that is being read, ends; past `octets` where only the first part was kept. */
  #limit: number
  #stopped = false
  #cutOff = false
  /** Where the next field goes: the packet's fields, or the parts of a group. */
  #into = this.fields

  constructor(octets: Uint8Array, version: ProtocolVersion, length: number) {
    this.octets = octets
    this.version = version
    this.#limit = length
  }

  get at(): number {
    return this.#at
  }

  /** Octets up to the end of the packet, or of the group that has a length of its own. 0 when reading has stopped. */
  get left(): number {
    return this.#stopped ? 0 : this.#limit - this.#at
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** The end of the stream cut the packet off, and that was reported. */
  get isCutOff(): boolean {
    return this.#cutOff
  }

  /** Nothing after this can be read. */
  stop(): void {
    this.#stopped = true
  }

  /** The packet ends there. `cutOff` says that it should have been longer, and that this was reported. */
  endAt(limit: number, cutOff: boolean): void {
    this.#limit = limit
    this.#cutOff = cutOff
  }

  /**
   * The number of the normative statement in the version of this packet. MQTT 3.1 has no numbered statements.
   *
   * @param four in MQTT 3.1.1, such as `3.1.2-13`; undefined where it says it without a number.
   * @param five in MQTT 5
   */
  statement(four: string | undefined, five: string | undefined): string | undefined {
    const number = this.version === 5 ? five : this.version === 4 ? four : undefined
    return number === undefined ? undefined : `MQTT-${number}`
  }

  /** @param bits of the octet that are to blame, where it is not the whole. */
  violate(statement: string | undefined, message: string, start: number, end: number, bits?: number): void {
    const most = this.octets.length
    this.violations.push({ statement, message, start: Math.min(start, most), end: Math.min(end, most), bits })
  }

  add(name: string, words: Words | string, start: number, end: number, parts: readonly Field[] = [], bits?: number) {
    const { value, remark } = typeof words === 'string' ? { value: words, remark: undefined } : words
    const most = this.octets.length
    this.#into.push({ name, value, start: Math.min(start, most), end: Math.min(end, most), bits, remark, parts })
  }

  /** An octet whose bits mean something each. `tell` says what, with `bits`. */
  octetOfBits(
    name: string,
    say: Say<number>,
    tell: (octet: number, at: number) => void,
    required?: string,
  ): Read<number> | undefined {
    const start = this.#take(name, 1, required)
    if (start === undefined) return undefined
    const value = this.octets[start] as number
    const parts = this.collect(() => tell(value, start))
    this.add(name, say(value), start, start + 1, parts)
    return { value, start, end: start + 1 }
  }

  /** Bits of an octet that was read already. */
  bits(name: string, words: Words | string, at: number, mask: number): void {
    this.add(name, words, at, at + 1, [], mask)
  }

  /** A field that consists of what `read` reads. `read` gives its words. */
  group(name: string, read: () => Words | string): void {
    if (this.#stopped) return
    const start = this.#at
    let words: Words | string = ''
    const parts = this.collect(() => {
      words = read()
    })
    const end = Math.max(this.#at, parts.at(-1)?.end ?? start)
    if (end > start || !this.#stopped) this.add(name, words, start, end, parts)
  }

  /** The fields that `read` adds, to be the parts of another one. */
  collect(read: () => void): Field[] {
    const outer = this.#into
    const parts: Field[] = []
    this.#into = parts
    read()
    this.#into = outer
    return parts
  }

  /** Takes the first octet of the packet, which must be there. */
  skipOctet(): number {
    return this.octets[this.#at++] as number
  }

  /**
   * Reads one item after the other up to the end; gives how many. A packet can have a million of them, which nobody
   * looks at: what comes after the first ten thousand is one field that says how much it is.
   */
  items(name: string, read: () => void): number {
    let count = 0
    for (; this.left > 0; count++) {
      if (count === mostItems) {
        this.rest(`Other ${name}`, (_, length) => `${countOctets(length)}, not read one by one`)
        break
      }
      read()
    }
    return count
  }

  /** Lets `read` see so many octets and no more. What it leaves unread is skipped. */
  within(count: number, read: () => void): void {
    const outer = this.#limit
    this.#limit = this.#at + count
    read()
    if (!this.#stopped) this.#at = this.#limit
    this.#limit = outer
  }

  octet(name: string, say: Say<number>, required?: string): Read<number> | undefined {
    return this.#number(name, 1, say, required)
  }

  uint16(name: string, say: Say<number> = String, required?: string): Read<number> | undefined {
    return this.#number(name, 2, say, required)
  }

  uint32(name: string, say: Say<number> = String): Read<number> | undefined {
    return this.#number(name, 4, say, undefined)
  }

  /** A Variable Byte Integer [MQTT 3.1.1 §2.2.3, MQTT 5 §1.5.5]. */
  variable(name: string, say: Say<number> = String, required?: string): Read<number> | undefined {
    if (this.#stopped) return undefined
    const start = this.#at
    const whole = this.octets.subarray(0, this.#limit)
    const read = readVariableByteInteger(whole, start)
    if (read === undefined) {
      if (whole.length - start < 4) {
        this.#take(name, whole.length - start + 1, required)
      } else {
        this.violate(undefined, `${name} goes on after its fourth octet`, start, start + 4)
        this.add(name, 'too long', start, start + 4)
        this.#stopped = true
      }
      return undefined
    }
    this.#at = read.end
    const words = say(read.value)
    const needed = read.value < 128 ? 1 : read.value < 16_384 ? 2 : read.value < 2_097_152 ? 3 : 4
    const surplus = read.end - start - needed
    const remark = surplus === 0 ? undefined : `${needed} of its ${read.end - start} octets would have done`
    this.add(name, remark === undefined ? words : { value: valueIn(words), remark }, start, read.end)
    if (surplus > 0 && this.version === 5) {
      this.violate(this.statement(undefined, '1.5.5-1'), `${name} takes more octets than it needs`, start, read.end)
    }
    return { value: read.value, start, end: read.end }
  }

  /** A UTF-8 Encoded String; in text that is not well-formed each wrong octet is read as U+FFFD. */
  string(name: string, required?: string, say: Say<string> = describeText): Read<string> | undefined {
    const read = this.#prefixed(name, required)
    if (read === undefined) return undefined
    const text = this.checkedText(name, read)
    this.add(name, say(text), read.start, read.end)
    return { value: text, start: read.start, end: read.end }
  }

  /** A string without a field of its own, such as one half of a pair. */
  bareString(name: string): Read<string> | undefined {
    const read = this.#prefixed(name, undefined)
    return read && { value: this.checkedText(name, read), start: read.start, end: read.end }
  }

  /** Binary Data: two octets of length, and so many octets. */
  binary(name: string, say: Say<Uint8Array>, required?: string): Read<Uint8Array> | undefined {
    const read = this.#prefixed(name, required)
    if (read !== undefined) this.add(name, say(read.value), read.start, read.end)
    return read
  }

  /** Everything up to the end; of a packet of which only the first part was kept, that. */
  rest(name: string, say: (kept: Uint8Array, length: number) => Words | string): Read<Uint8Array> | undefined {
    if (this.#stopped) return undefined
    const start = this.#at
    const length = this.#limit - start
    const kept = this.octets.subarray(start, this.#limit)
    this.#at = this.#limit
    this.add(name, say(kept, length), start, start + length)
    return { value: kept, start, end: start + kept.length }
  }

  /** Reports text that is not well-formed, or has U+0000 in it [MQTT 3.1.1 §1.5.3, MQTT 5 §1.5.4]. */
  checkedText(name: string, { value, start, end }: Read<Uint8Array>): string {
    const text = textOf(value)
    if (!isWellFormed(value)) {
      this.violate(this.statement('1.5.3-1', '1.5.4-1'), `${name} is not well-formed UTF-8`, start, end)
    }
    if (text.includes('\0')) {
      const at = end - value.length + value.indexOf(0)
      this.violate(this.statement('1.5.3-2', '1.5.4-2'), `${name} contains U+0000`, at, at + 1)
    }
    return text
  }

  #number(name: string, count: 1 | 2 | 4, say: Say<number>, required: string | undefined): Read<number> | undefined {
    const start = this.#take(name, count, required)
    if (start === undefined) return undefined
    let value = 0
    for (let at = start; at < start + count; at++) value = value * 256 + (this.octets[at] as number)
    this.add(name, say(value), start, start + count)
    return { value, start, end: start + count }
  }

  #prefixed(name: string, required: string | undefined): Read<Uint8Array> | undefined {
    if (this.#stopped) return undefined
    const start = this.#at
    const high = this.octets[start] ?? 0
    const low = this.octets[start + 1] ?? 0
    const known = this.#limit - start >= 2 && this.octets.length - start >= 2
    const count = known ? 2 + high * 256 + low : 2
    if (this.#take(name, count, required) === undefined) return undefined
    return { value: this.octets.subarray(start + 2, start + count), start, end: start + count }
  }

  /** Moves past so many octets and gives where they start. When there are not so many, reading has stopped. */
  #take(name: string, count: number, required: string | undefined): number | undefined {
    if (this.#stopped) return undefined
    const start = this.#at
    const end = Math.min(start + count, this.#limit)
    if (end === start + count && end <= this.octets.length) {
      this.#at = end
      return start
    }
    this.#stopped = true
    const isMissing = start >= this.#limit
    if (end === start + count) {
      const kept = this.octets.length
      if (start < kept) this.add(name, `only the first ${kept} octets of this packet were kept`, start, kept)
      return undefined
    }
    if (!isMissing) this.add(name, 'cut short', start, end)
    if (!this.#cutOff) {
      const left = end - start
      const what = isMissing ? 'is missing' : `is cut short: it needs ${count} octets, ${left} are left`
      // What the octets before it promise is what is to blame where it is not there at all.
      this.violate(isMissing ? required : undefined, `${name} ${what}`, isMissing ? Math.max(0, start - 1) : start, end)
    }
    return undefined
  }
}

function valueIn(words: Words | string): string {
  return typeof words === 'string' ? words : words.value
}
