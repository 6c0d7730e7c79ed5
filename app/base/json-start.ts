/**
 * The beginning of `JSON.stringify(value)`, or all of it where that is not longer.
 *
 * However deep a value is: `JSON.parse` reads what `JSON.stringify` has no stack for, and a stranger may have sent it. No
 * more of it is written than is wanted, and each level has a character of its own, so the depth is bounded too.
 *
 * @param value as `JSON.parse` gives it
 * @param most characters, at least 1
 */
export function jsonStart(value: unknown, most: number): string {
  let text = ''
  for (const piece of piecesOf(value)) {
    text += piece
    if (text.length >= most) return text.slice(0, most)
  }
  return text
}

function* piecesOf(value: unknown): Generator<string, void> {
  if (typeof value !== 'object' || value === null) {
    yield JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  let before = isList ? '[' : '{'
  for (const [key, part] of Object.entries(value)) {
    yield before
    before = ','
    if (!isList) yield `${JSON.stringify(key)}:`
    yield* piecesOf(part)
  }
  if (before !== ',') yield before
  yield isList ? ']' : '}'
}
