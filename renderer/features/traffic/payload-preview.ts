const mostOctets = 160
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The beginning of an Application Message on one line: as text where it is UTF-8 text, else its octets in hexadecimal.
 * Ends with an ellipsis where there is more.
 */
export function previewPayload(payload: Uint8Array): string {
  if (payload.length === 0) return ''
  const part = payload.length > mostOctets ? cutAtCharacter(payload) : payload
  const more = part.length < payload.length ? '…' : ''
  const text = decodeText(part)
  if (text !== undefined) return oneLine(text) + more
  return hexadecimal(payload.subarray(0, 24)) + (payload.length > 24 ? ' …' : '')
}

/** Does not cut through the octets of one character [RFC 3629 §3]. */
function cutAtCharacter(octets: Uint8Array): Uint8Array {
  let end = mostOctets
  while (end > mostOctets - 4 && ((octets[end] ?? 0) & 0xc0) === 0x80) end--
  return octets.subarray(0, end)
}

function decodeText(octets: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(octets)
    return hasControls(text) ? undefined : text
  } catch {
    // Not UTF-8: the caller shows octets.
    return undefined
  }
}

/** Control characters, but for tab, line feed and carriage return, are no text. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) return true
  }
  return false
}

function oneLine(text: string): string {
  return text.replaceAll('\r\n', '↵').replaceAll('\n', '↵').replaceAll('\r', '↵').replaceAll('\t', ' ')
}

function hexadecimal(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ')
}
