/**
 * Adds an entry to `devices` in the text of a `faultline.json`, and leaves every other character as it was: the file is
 * its author's. The entry is written as its neighbours are: on a line of its own where they have one.
 *
 * @param text valid JSON, an object whose `devices` is an object
 * @param name not among the devices yet
 */
export function withDeviceEntry(text: string, name: string, settings: { script: string; count?: number }): string {
  const devices = membersOf(text, text.indexOf('{')).findLast(({ key }) => key === 'devices')
  if (devices === undefined) throw new Error('the settings list no devices')
  const members = membersOf(text, devices.from)
  const inside = Object.entries(settings).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  const entry = `${JSON.stringify(name)}: { ${inside.join(', ')} }`
  const last = members.at(-1)
  if (last !== undefined) {
    const before = text.slice(devices.from + 1, members[0]?.start)
    return insert(text, last.to, `,${before.trim() === '' && before !== '' ? before : ' '}${entry}`)
  }
  const outer = lineBreakBefore(text, devices.start)
  const inner = outer === '' ? ' ' : outer + unitOf(text)
  return `${text.slice(0, devices.from + 1)}${inner}${entry}${outer || ' '}${text.slice(devices.to - 1)}`
}

interface Member {
  readonly key: string
  /** Where its key begins. */
  readonly start: number
  /** Where its value begins, and the place after its end. */
  readonly from: number
  readonly to: number
}

/** The members of the object that begins at `open`, of text that is known to be JSON. */
function membersOf(text: string, open: number): Member[] {
  const members: Member[] = []
  let at = skipSpace(text, open + 1)
  while (text[at] === '"') {
    const start = at
    const keyEnd = endOfValue(text, start)
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const to = endOfValue(text, from)
    members.push({ key: String(JSON.parse(text.slice(start, keyEnd))), start, from, to })
    at = skipSpace(text, to)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** The place after the value that begins at `from`. */
function endOfValue(text: string, from: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{[]|[}\]]|[^\s{}[\]",:]+/gy
  let depth = 0
  let at = from
  do {
    token.lastIndex = skipSeparators(text, at)
    const found = token.exec(text)?.[0]
    if (found === undefined) throw new Error('the settings are not JSON')
    at = token.lastIndex
    if (found === '{' || found === '[') depth += 1
    else if (found === '}' || found === ']') depth -= 1
  } while (depth > 0)
  return at
}

function skipSpace(text: string, from: number): number {
  return skip(/[ \t\r\n]*/y, text, from)
}

function skipSeparators(text: string, from: number): number {
  return skip(/[ \t\r\n,:]*/y, text, from)
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  pattern.exec(text)
  return pattern.lastIndex
}

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at)
}

/** The line break and the indentation before a key; empty when the key does not begin its line. */
function lineBreakBefore(text: string, start: number): string {
  return /\r?\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? ''
}

/** One step of the file's indentation. */
function unitOf(text: string): string {
  return /^[ \t]+/m.exec(text)?.[0] ?? '  '
}
