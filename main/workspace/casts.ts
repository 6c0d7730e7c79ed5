import { isWord, readTokens, type Token } from './bare-calls.ts'

/** Types that fit everything: what they are said of is not looked at. */
const loose = /^(?:any|never)$/

interface Span {
  readonly start: number
  readonly end: number
}

/**
 * A script of the same length and lines, in which nothing keeps the compiler from looking: casts to types that fit everything
 * are gone, such types of parameters and of `const`, and comments that silence it. What that makes of values that change their
 * type nobody knows: casts of `let` and `var` stay.
 *
 * @returns undefined where there is nothing of the kind
 */
export function withoutCasts(text: string): string | undefined {
  const tokens = readTokens(text)
  const spans = tokens.flatMap((token, at): Span[] => {
    if (token.kind !== 'other') return []
    const cast = token.text === 'as' ? castAt(tokens, at) : undefined
    if (cast !== undefined) return isOfVariable(tokens, at) ? [] : [{ start: token.start, end: cast.end }]
    const type = token.text === ':' ? tokens[at + 1] : undefined
    if (type === undefined || !loose.test(type.text) || !isDeclared(tokens, at)) return []
    return [{ start: token.start, end: type.end }]
  })
  const silent = silencers(text, tokens)
  if (spans.length + silent.length === 0) return undefined
  let found = text
  for (const { end, start } of [...spans, ...silent]) {
    found = found.slice(0, start) + found.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, ' ') + found.slice(end)
  }
  return found
}

/** The last token of a cast to what fits everything, or by way of that to a type with a plain name. */
function castAt(tokens: readonly Token[], at: number): Token | undefined {
  const before = tokens[at - 1]
  const type = tokens[at + 1]
  if (before === undefined || type === undefined) return undefined
  if (before.kind !== 'string' && !/[\p{ID_Continue}$)\]}`]$/u.test(before.text)) return undefined
  if (/^(?:const|export|import|let|type|var)$/.test(before.text)) return undefined
  const name = tokens[at + 3]
  const isDetour = tokens[at + 2]?.text === 'as' && /^(?:any|never|unknown)$/.test(type.text) && isWord(name)
  const last = isDetour ? at + 3 : loose.test(type.text) ? at + 1 : undefined
  // A longer type, such as a list.
  return last === undefined || /^[<[.|&]$/.test(tokens[last + 1]?.text ?? '') ? undefined : tokens[last]
}

/** Whether what is cast is given to a variable that may get another value. */
function isOfVariable(tokens: readonly Token[], cast: number): boolean {
  for (let at = cast - 1; at >= 0; at--) {
    const token = tokens[at] as Token
    if (token.openedBy !== undefined) at = token.openedBy
    else if (/^[;{([]$/.test(token.text)) return false
    else if (token.text === '=' && !/^[=!<>]$/.test(tokens[at - 1]?.text ?? '') && tokens[at + 1]?.text !== '>')
      return !isConst(tokens, at)
  }
  return false
}

/** Whether a `=` is that of `const name =` or `const { name } =`. */
function isConst(tokens: readonly Token[], assigned: number): boolean {
  const name = tokens[assigned - 1]
  const first = name?.openedBy ?? assigned - 1
  return tokens[first - 1]?.text === 'const'
}

/** Whether a `:` is that of a `const`, or of a parameter of an arrow function. */
function isDeclared(tokens: readonly Token[], colon: number): boolean {
  const after = tokens[colon + 2]?.text ?? ''
  if (after === '=' && tokens[colon + 3]?.text !== '>') return isConst(tokens, colon)
  if (!/^[,)]$/.test(after)) return false
  for (let at = colon - 1; at >= 0; at--) {
    const token = tokens[at] as Token
    if (token.openedBy !== undefined) at = token.openedBy
    else if (/^[;?{[]$/.test(token.text)) return false
    else if (token.text === '(') {
      const close = token.closedBy ?? -1
      return tokens[close + 1]?.text === '=' && tokens[close + 2]?.text === '>'
    }
  }
  return false
}

/** Comments that tell the compiler to be silent; they are between tokens. */
function silencers(text: string, tokens: readonly Token[]): Span[] {
  const pattern = /@ts-(?:ignore|nocheck|expect-)/g
  return [...text.matchAll(pattern)].flatMap(({ 0: word, index }) => {
    const isInToken = tokens.some(({ end, start }) => index >= start && index < end)
    return isInToken ? [] : [{ start: index, end: index + word.length }]
  })
}
