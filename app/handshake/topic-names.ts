const text = new TextDecoder('utf-8', { ignoreBOM: true })
const slots = 4096

/**
 * Reads Topic Names. The same few come again and again: one that was read lately is the same string again, which saves
 * the decoding, and every table that is looked up with it needs not hash it again.
 */
export class TopicNames {
  readonly #octets = new Array<Uint8Array | undefined>(slots)
  readonly #names = new Array<string>(slots)

  /** The text of these octets, as UTF-8; what is not UTF-8 is replaced by U+FFFD. */
  read(octets: Uint8Array, start: number, end: number): string {
    let hash = end - start
    for (let at = start; at < end; at++) hash = (hash * 31 + (octets[at] as number)) | 0
    const slot = (hash ^ (hash >>> 12)) & (slots - 1)
    const known = this.#octets[slot]
    if (known !== undefined && isPart(known, octets, start, end)) return this.#names[slot] as string
    const name = text.decode(octets.subarray(start, end))
    // A few very long ones would take more memory than they save time.
    if (end - start > 256) return name
    this.#octets[slot] = octets.slice(start, end)
    this.#names[slot] = name
    return name
  }
}

function isPart(known: Uint8Array, octets: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== octets[start + i]) return false
  return true
}
