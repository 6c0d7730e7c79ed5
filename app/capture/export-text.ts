const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Octets as text where they are UTF-8; else undefined. */
export function textOf(octets: Uint8Array): string | undefined {
  try {
    return utf8.decode(octets)
  } catch {
    // That they are not UTF-8 is the answer.
    return undefined
  }
}

/** Base64 with padding [RFC 4648 §4]. */
export function base64(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 3) {
    const [a = 0, b, c] = octets.subarray(at, at + 3)
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += (digits[bits >>> 18] as string) + digits[(bits >>> 12) & 63]
    text += b === undefined ? '=' : digits[(bits >>> 6) & 63]
    text += c === undefined ? '=' : digits[bits & 63]
  }
  return text
}

/** Hexadecimal, at most so many octets of it, with a sign where there are more. */
export function hex(octets: Uint8Array, most = Number.POSITIVE_INFINITY): string {
  let text = ''
  const end = Math.min(most, octets.length)
  for (let at = 0; at < end; at++) text += (octets[at] as number).toString(16).padStart(2, '0')
  return octets.length > end ? `${text}…` : text
}

/** The octets of hexadecimal digits, two each. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length >>> 1 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** ISO 8601 with nanoseconds, in UTC. */
export function wallTimeText(captureStart: number, time: number): string {
  const nanoseconds = BigInt(Math.round(captureStart * 1000)) * 1000n + BigInt(Math.round(time))
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}
