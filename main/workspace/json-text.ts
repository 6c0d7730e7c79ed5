import { messageOf } from '../../app/base/errors.ts'

/** A member of an object in the text of a JSON file. */
export interface Member {
  readonly key: string
  /** Where its key begins. */
  readonly start: number
  /** Where its value begins, and the place after its end. */
  readonly from: number
  readonly to: number
}

/** Lines and columns from 1; columns count UTF-16 units, as editors do. */
interface Place {
  readonly line: number
  readonly column: number
}

/** The members of the object that begins at `open`, of text that is known to be JSON. */
export function membersOf(text: string, open: number): Member[] {
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

/**
 * Where a value is in text that is known to be JSON, or its key; of what is not there, what is nearest around it. Of a
 * key that is there twice the last one counts, as it does for `JSON.parse`.
 */
export function placeOf(text: string, path: readonly string[], what: 'key' | 'value'): Place {
  let from = skipSpace(text, 0)
  let start = from
  for (const key of path) {
    const member = text[from] === '{' ? membersOf(text, from).findLast((each) => each.key === key) : undefined
    if (member === undefined) return placeAt(text, start)
    start = member.start
    from = member.from
  }
  return placeAt(text, what === 'key' ? start : from)
}

/** Keys that an object has twice, at any depth; `JSON.parse` takes the last and says nothing. */
export function repeatedKeys(text: string): { readonly path: readonly string[]; readonly place: Place }[] {
  const found: { path: readonly string[]; place: Place }[] = []
  const look = (open: number, path: readonly string[]) => {
    const known = new Set<string>()
    for (const { key, start, from } of membersOf(text, open)) {
      const inner = [...path, key]
      if (known.has(key)) found.push({ path: inner, place: placeAt(text, start) })
      known.add(key)
      // Deeper than this there is nothing in the file that is known.
      if (text[from] === '{' && inner.length < 4) look(from, inner)
    }
  }
  const first = skipSpace(text, 0)
  if (text[first] === '{') look(first, [])
  return found
}

export function placeAt(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

const token = /"(?:[^"\\\n\r]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y

/**
 * Where text stops being JSON; its end where something is missing.
 *
 * @param error what `JSON.parse` has thrown: not all of its errors say where
 */
export function brokenAt(text: string, error: unknown): number {
  const said = /position (\d+)/.exec(messageOf(error))?.[1]
  return Math.min(firstOdd(text), said === undefined ? text.length : Number(said))
}

/** Where a token is that may not be there. What is wrong inside of strings it does not see. */
function firstOdd(text: string): number {
  /** What may come next: a value, a key, a colon, or what follows a value. */
  let expects: 'value' | 'first value' | 'key' | 'first key' | ':' | 'next' = 'value'
  const open: ('{' | '[')[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    token.lastIndex = at
    const [found = ''] = token.exec(text) ?? []
    const inner = open.at(-1)
    const closes = (found === '}' && inner === '{') || (found === ']' && inner === '[')
    if (found === '') return at
    if (closes && (expects === 'next' || expects === 'first value' || expects === 'first key')) {
      open.pop()
      expects = 'next'
    } else if (expects === 'key' || expects === 'first key') {
      if (!found.startsWith('"')) return at
      expects = ':'
    } else if (expects === ':') {
      if (found !== ':') return at
      expects = 'value'
    } else if (expects === 'next') {
      if (found !== ',' || inner === undefined) return at
      expects = inner === '{' ? 'key' : 'value'
    } else if (found === '{' || found === '[') {
      open.push(found)
      expects = found === '{' ? 'first key' : 'first value'
    } else if (/^[}\],:]/.test(found)) return at
    else expects = 'next'
    at = skipSpace(text, at + found.length)
  }
  return text.length
}

/** The place after the value that begins at `from`. */
function endOfValue(text: string, from: number): number {
  const part = /"(?:[^"\\]|\\.)*"|[{[]|[}\]]|[^\s{}[\]",:]+/gy
  let depth = 0
  let at = from
  do {
    part.lastIndex = skip(/[ \t\r\n,:]*/y, text, at)
    const found = part.exec(text)?.[0]
    if (found === undefined) throw new Error('the text is not JSON')
    at = part.lastIndex
    if (found === '{' || found === '[') depth += 1
    else if (found === '}' || found === ']') depth -= 1
  } while (depth > 0)
  return at
}

function skipSpace(text: string, from: number): number {
  return skip(/[ \t\r\n]*/y, text, from)
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  pattern.exec(text)
  return pattern.lastIndex
}
