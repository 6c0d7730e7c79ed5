import type { ProtocolVersion } from '../control-packet.ts'
import { malformed, refuse } from './refuse.ts'

// Refuses surrogates, overlong forms and what is cut short; a byte order mark is a character [MQTT-1.5.4-3].
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Up to here, putting ASCII together by hand is faster than calling the decoder. */
const shortText = 48

/** The octets from `start` to `end`, which must be there, as a view. Unlike subarray, never of a subclass. */
export function view(octets: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset + start, end - start)
}

/**
 * The text of these octets of a packet.
 *
 * @param what the field's name, for the message.
 * @throws PacketError where it is not well-formed UTF-8 [MQTT-1.5.3-1, MQTT-1.5.4-1] or has U+0000 in it [MQTT-1.5.3-2,
 *   MQTT-1.5.4-2].
 */
export function readText(
  octets: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  what: string,
): string {
  if (end - start > shortText) return readLongText(octets, start, end, version, what)
  for (let at = start; at < end; at++) {
    const octet = octets[at] as number
    if (octet === 0 || octet >= 0x80) return readLongText(octets, start, end, version, what)
  }
  return shortAscii(octets, start, end)
}

function shortAscii(octets: Uint8Array, start: number, end: number): string {
  let text = ''
  let at = start
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      octets[at] as number,
      octets[at + 1] as number,
      octets[at + 2] as number,
      octets[at + 3] as number,
      octets[at + 4] as number,
      octets[at + 5] as number,
      octets[at + 6] as number,
      octets[at + 7] as number,
    )
  }
  for (; at < end; at++) text += String.fromCharCode(octets[at] as number)
  return text
}

function readLongText(octets: Uint8Array, start: number, end: number, version: ProtocolVersion, what: string): string {
  const text = strictText(view(octets, start, end))
  if (text === undefined) refuse(malformed, version, '1.5.3-1', '1.5.4-1', `${what} is not well-formed UTF-8`)
  if (text.includes('\0')) refuse(malformed, version, '1.5.3-2', '1.5.4-2', `${what} contains U+0000`)
  return text
}

function strictText(octets: Uint8Array): string | undefined {
  try {
    return strict.decode(octets)
  } catch {
    // That is how the decoder says that it is not well-formed.
    return undefined
  }
}

/** How many octets `writeText` writes for this text. */
export function textLength(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x80) continue
    if (code < 0x800) length += 1
    else if (isPair(text, at, code)) {
      length += 2
      at += 1
    } else length += 2
  }
  return length
}

/**
 * Writes text as UTF-8 and gives the position after it. Half a surrogate pair, which UTF-8 has no octets for, is written
 * as U+FFFD [MQTT-1.5.4-1].
 */
export function writeText(text: string, into: Uint8Array, start: number): number {
  let to = start
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x80) {
      into[to++] = code
    } else if (code < 0x800) {
      into[to++] = 0xc0 | (code >>> 6)
      into[to++] = 0x80 | (code & 0x3f)
    } else if (isPair(text, at, code)) {
      at += 1
      const point = 0x10000 + ((code & 0x3ff) << 10) + (text.charCodeAt(at) & 0x3ff)
      into[to++] = 0xf0 | (point >>> 18)
      into[to++] = 0x80 | ((point >>> 12) & 0x3f)
      into[to++] = 0x80 | ((point >>> 6) & 0x3f)
      into[to++] = 0x80 | (point & 0x3f)
    } else {
      const point = code >= 0xd800 && code < 0xe000 ? 0xfffd : code
      into[to++] = 0xe0 | (point >>> 12)
      into[to++] = 0x80 | ((point >>> 6) & 0x3f)
      into[to++] = 0x80 | (point & 0x3f)
    }
  }
  return to
}

function isPair(text: string, at: number, code: number): boolean {
  if (code < 0xd800 || code >= 0xdc00 || at + 1 === text.length) return false
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next < 0xe000
}
