import type { UserProperties } from '../packets.ts'
import { octetsFor } from './slab.ts'
import { textLength, writeText } from './text.ts'

/** How many octets a Variable Byte Integer takes [MQTT 3.1.1 §2.2.3, MQTT 5 §1.5.5]. */
export function variableLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  return value < 0x20_0000 ? 3 : 4
}

/** Writes a Variable Byte Integer and gives the position after it. */
export function writeVariable(value: number, into: Uint8Array, start: number): number {
  let at = start
  let left = value
  while (left >= 0x80) {
    into[at++] = (left & 0x7f) | 0x80
    left = Math.floor(left / 128)
  }
  into[at++] = left
  return at
}

/** @throws RangeError for text of more octets than a UTF-8 Encoded String can have [MQTT-1.5.4-1]. */
export function stringLength(text: string): number {
  return checkedLength(textLength(text))
}

/** The length of Binary Data, or of a string, in octets, which is 65,535 at most [MQTT 5 §1.5.6]. */
export function checkedLength(length: number): number {
  if (length > 0xffff) throw new RangeError(`a field of a Control Packet has 65535 octets at most, not ${length}`)
  return length
}

/** The octets of packets that are written now and then, put together one field after the other. */
export class OctetList {
  readonly #octets: number[] = []

  get length(): number {
    return this.#octets.length
  }

  octet(value: number): this {
    this.#octets.push(value)
    return this
  }

  uint16(value: number): this {
    return this.octet(value >>> 8).octet(value & 0xff)
  }

  uint32(value: number): this {
    return this.uint16(value >>> 16).uint16(value & 0xffff)
  }

  string(text: string): this {
    const octets = new Uint8Array(stringLength(text))
    writeText(text, octets, 0)
    return this.uint16(octets.length).octets(octets)
  }

  octets(octets: Uint8Array | readonly number[]): this {
    for (const octet of octets) this.#octets.push(octet)
    return this
  }

  /** A property that is one octet; nothing where it is undefined. */
  octetProperty(identifier: number, value: number | boolean | undefined): this {
    return value === undefined ? this : this.octet(identifier).octet(Number(value))
  }

  uint16Property(identifier: number, value: number | undefined): this {
    return value === undefined ? this : this.octet(identifier).uint16(value)
  }

  uint32Property(identifier: number, value: number | undefined): this {
    return value === undefined ? this : this.octet(identifier).uint32(value)
  }

  stringProperty(identifier: number, value: string | undefined): this {
    return value === undefined ? this : this.octet(identifier).string(value)
  }

  userProperties(pairs: UserProperties | undefined): this {
    for (const [name, value] of pairs ?? []) this.octet(0x26).string(name).string(value)
    return this
  }

  /** Another list, with its length before it: what properties are. */
  measured(list: OctetList): this {
    const length = new Uint8Array(variableLength(list.length))
    writeVariable(list.length, length, 0)
    return this.octets(length).octets(list.#octets)
  }

  /** The Control Packet that has these octets after its Fixed Header. */
  packet(first: number): Uint8Array {
    const { length } = this.#octets
    const octets = octetsFor(1 + variableLength(length) + length)
    octets[0] = first
    octets.set(this.#octets, writeVariable(length, octets, 1))
    return octets
  }
}
