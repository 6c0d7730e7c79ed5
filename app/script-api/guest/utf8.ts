/** The sandbox has neither TextEncoder nor TextDecoder. */

/** Half of a surrogate pair becomes U+FFFD, as TextEncoder does it. */
export function encodeUtf8(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 3)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i) as number
    if (point > 0xffff) i++
    else if (point >= 0xd800 && point < 0xe000) point = 0xfffd
    if (point < 0x80) {
      octets[length++] = point
      continue
    }
    if (point < 0x800) {
      octets[length++] = 0xc0 | (point >> 6)
    } else {
      if (point < 0x10000) {
        octets[length++] = 0xe0 | (point >> 12)
      } else {
        octets[length++] = 0xf0 | (point >> 18)
        octets[length++] = 0x80 | ((point >> 12) & 0x3f)
      }
      octets[length++] = 0x80 | ((point >> 6) & 0x3f)
    }
    octets[length++] = 0x80 | (point & 0x3f)
  }
  return octets.slice(0, length)
}

/** How many octets follow a first one, and the least code point that may be written so. */
function sequence(first: number): { following: number; least: number } | undefined {
  if (first >= 0xc2 && first < 0xe0) return { following: 1, least: 0x80 }
  if (first >= 0xe0 && first < 0xf0) return { following: 2, least: 0x800 }
  if (first >= 0xf0 && first < 0xf5) return { following: 3, least: 0x10000 }
  return undefined
}

/** @throws Error for what is not well-formed UTF-8 (Unicode 15, table 3-7) */
export function decodeUtf8(octets: Uint8Array): string {
  let text = ''
  for (let i = 0; i < octets.length; ) {
    const first = octets[i++] as number
    if (first < 0x80) {
      text += String.fromCharCode(first)
      continue
    }
    const { following, least } = sequence(first) ?? { following: 0, least: Number.POSITIVE_INFINITY }
    let point = first & (0x3f >> following)
    for (let n = 0; n < following; n++) {
      const next = octets[i++] ?? 0
      // A value beyond all code points, which nothing brings back.
      point = (next & 0xc0) === 0x80 ? point * 64 + (next & 0x3f) : Number.POSITIVE_INFINITY
    }
    if (!(point >= least && point <= 0x10ffff) || (point >= 0xd800 && point < 0xe000)) {
      throw new Error('its text is not UTF-8')
    }
    text += String.fromCodePoint(point)
  }
  return text
}
