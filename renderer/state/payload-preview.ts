import { countOctets, printableTextOf } from '../../app/mqtt/decode-values.ts'

/** A character that was cut through at the end has at most so many octets left [RFC 3629 §3]. */
const mostCutOctets = 3

/**
 * A payload in one line: its text with the spaces between words made one, or how many octets it has where it is none.
 *
 * @param length of the whole, where `payload` is only its first part
 */
export function previewOf(payload: Uint8Array, length = payload.length): string {
  if (length === 0) return 'empty'
  const isCut = length > payload.length
  for (let cut = 0; cut <= (isCut ? mostCutOctets : 0); cut++) {
    const text = printableTextOf(payload.subarray(0, payload.length - cut))
    if (text !== undefined && text !== '') return text.replace(/\s+/g, ' ') + (isCut ? '…' : '')
  }
  return countOctets(length)
}
