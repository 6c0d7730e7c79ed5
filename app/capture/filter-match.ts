/** Whether a text is these pieces with anything between them. */
export function globMatcher(pieces: readonly string[]): (text: string) => boolean {
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return (text) => text === first
  const last = pieces.at(-1) ?? ''
  const middle = pieces.slice(1, -1)
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    const end = text.length - last.length
    let at = first.length
    // The earliest place for each piece leaves the most room for those after it.
    for (const piece of middle) {
      const found = text.indexOf(piece, at)
      if (found < 0 || found + piece.length > end) return false
      at = found + piece.length
    }
    return true
  }
}

/**
 * Matches a topic as a subscription to `filter` would [MQTT 3.1.1 §4.7, MQTT 5 §4.7]; `filter` is valid. A filter without
 * wildcards matches the topic that it says.
 */
export function topicMatcher(filter: string): (topic: string) => boolean {
  const levels = filter.split('/')
  const rest = levels.at(-1) === '#'
  if (!rest && !levels.includes('+')) return (topic) => topic === filter
  const fixed = rest ? levels.slice(0, -1) : levels
  const wildFirst = levels[0] === '+' || levels[0] === '#'
  return (topic) => {
    // [MQTT-4.7.2-1]
    if (wildFirst && topic.startsWith('$')) return false
    const names = topic.split('/')
    // `sport/#` matches `sport` as well [MQTT 3.1.1 §4.7.1.2].
    if (rest ? names.length < fixed.length : names.length !== fixed.length) return false
    return fixed.every((level, i) => level === '+' || level === names[i])
  }
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i])
}

export function containsOctets(octets: Uint8Array, part: Uint8Array): boolean {
  const first = part[0]
  if (first === undefined) return true
  const last = octets.length - part.length
  for (let at = octets.indexOf(first); at >= 0 && at <= last; at = octets.indexOf(first, at + 1)) {
    let same = 1
    while (same < part.length && octets[at + same] === part[same]) same++
    if (same === part.length) return true
  }
  return false
}
