const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// A byte order mark at the start is a character like any other [MQTT-1.5.3-3].
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** How much of a text is shown in a value. Topic Names are always whole: this is for payloads. */
const mostCharacters = 500

export function textOf(octets: Uint8Array): string {
  return lenient.decode(octets)
}

/** Whether octets are well-formed UTF-8 [RFC 3629]: no surrogates, no overlong forms, nothing cut short. */
export function isWellFormed(octets: Uint8Array): boolean {
  return strictTextOf(octets) !== undefined
}

/** The text, or undefined where the octets are not well-formed UTF-8. */
export function strictTextOf(octets: Uint8Array): string | undefined {
  try {
    return strict.decode(octets)
  } catch {
    // That is how the decoder says that it is not well-formed.
    return undefined
  }
}

/** The text of a payload that people can read: well-formed UTF-8 without control characters but tab and line ends. */
export function printableTextOf(octets: Uint8Array): string | undefined {
  const text = strictTextOf(octets)
  return text === undefined || hasControls(text) ? undefined : text
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13) || code === 127) return true
  }
  return false
}

/** In quotes, with what cannot be seen escaped as in JSON. */
export function describeText(text: string): string {
  return JSON.stringify(text)
}

/**
 * Binary Data or a payload in words: text in quotes where people can read it, else how many octets it has.
 *
 * @param length of the whole, where `octets` is only its first part.
 */
export function describeOctets(octets: Uint8Array, length = octets.length): string {
  if (length === 0) return 'empty'
  const kept = length > octets.length ? `, of which the first ${octets.length} were kept` : ''
  const text = printableTextOf(length > octets.length ? wholeCharacters(octets) : octets)
  if (text === undefined || text === '') return `${countOctets(length)}${kept}`
  if (text.length <= mostCharacters && kept === '') return describeText(text)
  // Not in the middle of a surrogate pair.
  const shown = text.slice(0, mostCharacters).replace(/[\ud800-\udbff]$/, '')
  return `${describeText(shown)}… ${countOctets(length)}${kept}`
}

export function countOctets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`
}

/** Without the octets of a last character that was cut through [RFC 3629 §3]. */
function wholeCharacters(octets: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] as number
    if (octet < 0x80) return octets
    if (octet >= 0xc0) {
      const needed = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2
      return needed > back ? octets.subarray(0, octets.length - back) : octets
    }
  }
  return octets
}

/** `0x87` */
export function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`
}

/** A code and what it means: `0x87 Not authorized`. */
export function describeCode(code: number, name: string | undefined): string {
  return `${hexOctet(code)} ${name ?? 'reserved'}`
}
