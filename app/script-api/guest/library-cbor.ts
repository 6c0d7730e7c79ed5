import { decode as read, Token, Type, encode as write } from 'cborg'
import { bigIntDecoder, bigIntEncoder, bigNegIntDecoder, dateDecoder } from 'cborg/taglib'

/** The bundle `guest-cbor.js`: evaluated in the sandbox of a device that uses `cbor`. */

export function encode(value: unknown): Uint8Array {
  return write(value, {
    typeEncoders: { bigint: bigIntEncoder, Date: dateTokens },
    // As the script has them, and as JSON would.
    mapSorter: () => 0,
    ignoreUndefinedProperties: true,
  })
}

export function decode(octets: Uint8Array): unknown {
  const value: unknown = read(octets, {
    useMaps: true,
    rejectDuplicateMapKeys: true,
    tags: { 0: (decode) => dateOf(decode()), 1: dateDecoder, 2: bigIntDecoder, 3: bigNegIntDecoder },
  })
  return plain(value)
}

/** Seconds since 1970, whole where they are (RFC 8949 §3.4.2). */
function dateTokens(date: Date): Token[] {
  const seconds = date.getTime() / 1000
  if (Number.isNaN(seconds)) throw new Error('a date in it is none')
  const type = !Number.isInteger(seconds) ? Type.float : seconds < 0 ? Type.negint : Type.uint
  return [new Token(Type.tag, 1), new Token(type, seconds)]
}

/** Tag 0 is a date as RFC 3339 writes it (RFC 8949 §3.4.1). */
function dateOf(text: unknown): Date {
  const date = new Date(typeof text === 'string' ? text : Number.NaN)
  if (Number.isNaN(date.getTime())) throw new Error('a date in it is none')
  return date
}

/** A map whose keys are all text is an object to a script. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!(value instanceof Map)) return value
  const entries = [...value].map(([key, item]) => [key, plain(item)] as const)
  return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : new Map(entries)
}
