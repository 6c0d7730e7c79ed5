/** Octets in hexadecimal, two digits each, with `between` between them. */
export function formatHex(octets: Uint8Array, between = ''): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(between)
}

export type HexResult = { readonly octets: Uint8Array } | { readonly problem: string }

/** Reads octets in hexadecimal, in whatever groups they are written. Gives what is wrong where they cannot be read. */
export function parseHex(text: string): HexResult {
  const octets = new Uint8Array(text.length >>> 1)
  let count = 0
  let high: number | undefined
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    if (/\s/.test(character)) {
      if (high !== undefined) return { problem: `the octet before character ${i + 1} has one digit; it needs two` }
      continue
    }
    const digit = /^[0-9a-f]$/i.test(character) ? Number.parseInt(character, 16) : undefined
    if (digit === undefined) {
      return { problem: `“${character}” at character ${i + 1} is no hexadecimal digit (0 to 9, a to f)` }
    }
    if (high === undefined) {
      high = digit
    } else {
      octets[count++] = high * 16 + digit
      high = undefined
    }
  }
  if (high !== undefined) return { problem: 'the last octet has one digit; it needs two' }
  return { octets: octets.subarray(0, count) }
}
