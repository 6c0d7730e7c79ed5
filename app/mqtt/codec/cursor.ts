import type { ProtocolVersion } from '../control-packet.ts'
import { malformed, protocolError, refuse } from './refuse.ts'
import { readText, view } from './text.ts'

/** The statements of MQTT 3.1.1 and of MQTT 5, as `refuse` takes them. */
export type Statements = readonly [four: string, five: string]

/** What a UTF-8 Encoded String is, where nothing more particular says that it must be there. */
const stringSections: Statements = ['§1.5.3', '§1.5.4']
const numberSections: Statements = ['§1.5.2', '§1.5.2']

/**
 * Where the octets after the Fixed Header start.
 *
 * @throws PacketError where the Remaining Length is not that of these octets, or in MQTT 5 takes more octets than it
 *   needs [MQTT-1.5.5-1].
 */
export function bodyStart(octets: Uint8Array, version: ProtocolVersion): number {
  const second = octets[1]
  if (second === undefined || second >= 0x80) return longBodyStart(octets, version)
  if (octets.length !== second + 2) refuseLength(octets, second + 2, version)
  return 2
}

function longBodyStart(octets: Uint8Array, version: ProtocolVersion): number {
  let remaining = 0
  for (let at = 1; at < 5; at++) {
    const octet = octets[at]
    if (octet === undefined) break
    remaining += (octet & 0x7f) * 128 ** (at - 1)
    if (octet >= 0x80) continue
    if (octet === 0 && version === 5) refuseLongInteger('Remaining Length')
    if (octets.length !== at + 1 + remaining) refuseLength(octets, at + 1 + remaining, version)
    return at + 1
  }
  return refuse(
    malformed,
    version,
    '§2.2.3',
    '§2.1.4',
    'Remaining Length is cut short, or goes on after its fourth octet',
  )
}

function refuseLength(octets: Uint8Array, length: number, version: ProtocolVersion): never {
  const message = `the packet has ${octets.length} octets; its Remaining Length says ${length}`
  return refuse(malformed, version, '§2.2.3', '§2.1.4', message)
}

function refuseLongInteger(what: string): never {
  return refuse(malformed, 5, '1.5.5-1', '1.5.5-1', `${what} takes more octets than it needs`)
}

/**
 * Reads the fields of one Control Packet one after the other. Every read throws a PacketError where the field is not
 * whole; `what` is the field's name for its message.
 */
export class Cursor {
  readonly octets: Uint8Array
  version: ProtocolVersion
  at: number
  /** Where the packet ends, or the part of it that has a length of its own. */
  end: number

  constructor(octets: Uint8Array, version: ProtocolVersion) {
    this.octets = octets
    this.version = version
    this.at = bodyStart(octets, version)
    this.end = octets.length
  }

  octet(what: string, statements = numberSections): number {
    return this.octets[this.#take(1, what, statements)] as number
  }

  uint16(what: string, statements = numberSections): number {
    const at = this.#take(2, what, statements)
    return ((this.octets[at] as number) << 8) | (this.octets[at + 1] as number)
  }

  uint32(what: string): number {
    const high = this.uint16(what)
    return high * 0x10000 + this.uint16(what)
  }

  /** Never 0 [MQTT-2.3.1-1, MQTT-2.2.1-3]. */
  packetId(statements: Statements): number {
    const id = this.uint16('Packet Identifier', statements)
    if (id === 0) refuse(protocolError, this.version, ...statements, 'Packet Identifier is 0')
    return id
  }

  /** A Variable Byte Integer of MQTT 5 [MQTT 5 §1.5.5]. */
  variable(what: string, statements = numberSections): number {
    let value = 0
    for (let index = 0; index < 4; index++) {
      const octet = this.octet(what, statements)
      value += (octet & 0x7f) * 128 ** index
      if (octet >= 0x80) continue
      if (octet === 0 && index > 0) refuseLongInteger(what)
      return value
    }
    return refuse(malformed, this.version, '§2.2.3', '§1.5.5', `${what} goes on after its fourth octet`)
  }

  /** A UTF-8 Encoded String. */
  string(what: string, statements = stringSections): string {
    const end = this.#prefixed(what, statements)
    const start = this.at
    this.at = end
    return readText(this.octets, start, end, this.version, what)
  }

  /** Binary Data, as a view. */
  binary(what: string, statements = stringSections): Uint8Array {
    const end = this.#prefixed(what, statements)
    const start = this.at
    this.at = end
    return view(this.octets, start, end)
  }

  /** Nothing may be left. */
  finish(type: string): void {
    if (this.at === this.end) return
    const message = `${type} has more octets than fields: ${this.end - this.at} are left`
    refuse(malformed, this.version, '§2.2.3', '§2.1.4', message)
  }

  /** Moves to the first octet after a length of two octets, and gives where what it promises ends. */
  #prefixed(what: string, statements: Statements): number {
    const end = this.uint16(what, statements) + this.at
    if (end > this.end) {
      const message = `${what} goes past the end: it promises ${end - this.at} octets, ${this.end - this.at} are left`
      refuse(malformed, this.version, ...stringSections, message)
    }
    return end
  }

  #take(count: number, what: string, statements: Statements): number {
    const { at } = this
    if (at + count > this.end) {
      const how = at === this.end ? 'is missing' : 'is cut short'
      refuse(malformed, this.version, ...statements, `${what} ${how}`)
    }
    this.at = at + count
    return at
  }
}

/**
 * Checks the flags in the Fixed Header of a packet whose flags are reserved.
 *
 * @param first the octet that it starts with.
 * @throws PacketError where they have another value than they must have.
 */
export function checkFlags(octets: Uint8Array, first: number, type: string, version: ProtocolVersion): void {
  if (octets[0] !== first) checkOddFlags(octets, first, type, version)
}

function checkOddFlags(octets: Uint8Array, first: number, type: string, version: ProtocolVersion): void {
  const flags = (octets[0] ?? 0) & 0x0f
  const required = first & 0x0f
  if (version === 3) {
    // In MQTT 3.1 these packets have QoS 1 and may carry DUP; the flags of others are not used [MQTT 3.1 §2.1].
    if (required === 0 || (flags & 0b0110) === required) return
    refuse(malformed, version, '§2.1', '§2.1', `${type} has QoS ${(flags >>> 1) & 3}; MQTT 3.1 says QoS 1`)
  }
  const own = flagStatements.get(first)
  const message = `flags of ${type} are ${binary(flags)}; ${binary(required)} is required`
  refuse(malformed, version, own ?? '2.2.2-1', own ?? '2.1.3-1', message)
}

const flagStatements = new Map([
  [0x62, '3.6.1-1'],
  [0x82, '3.8.1-1'],
  [0xa2, '3.10.1-1'],
  [0xe0, '3.14.1-1'],
  [0xf0, '3.15.1-1'],
])

function binary(flags: number): string {
  return flags.toString(2).padStart(4, '0')
}
