import { endsStatement, isWord, readChain, readTokens, type Token } from './bare-calls.ts'

/** A call that makes a promise of each item of a list, and all of them may be lost. */
export interface LostList {
  /** Indices of the text: of the name of the function, and after its last character. */
  readonly start: number
  readonly end: number
  readonly name: string
  /** Index after the call. */
  readonly after: number
}

/** They take what they call for an answer, or do not look at it. */
const takers = /^(?:every|filter|find|findIndex|findLast|findLastIndex|forEach|some)$/
/** They give a list of what they have called. */
const makers = /^(?:flatMap|map)$/
/**
 * Calls such as `list.forEach(async …)`, and `list.map(async …)` where nobody takes what it gives: as a statement, also with
 * `await`, which waits for no list, or as the whole work of a step. It goes by tokens and is careful: whether they are promises,
 * the types have to tell. `void` before it says that they are meant to go on by themselves.
 */
export function lostLists(text: string): LostList[] {
  const tokens = readTokens(text)
  return tokens.flatMap((name, at) => {
    const isTaker = takers.test(name.text)
    if (name.kind !== 'other' || !(isTaker || makers.test(name.text)) || tokens[at - 1]?.text !== '.') return []
    const closedBy = tokens[at + 1]?.text === '(' ? tokens[at + 1]?.closedBy : undefined
    const close = closedBy === undefined ? undefined : tokens[closedBy]
    if (closedBy === undefined || close === undefined) return []
    const start = chainStart(tokens, at)
    const isLost = isTaker
      ? givesPromise(tokens, at + 2) && tokens[start - 1]?.text !== 'void'
      : isWhole(tokens, start, closedBy + 1)
    return isLost ? [{ start: name.start, end: name.end, name: name.text, after: close.end }] : []
  })
}

/** Where the names and calls begin whose member this is. */
function chainStart(tokens: readonly Token[], member: number): number {
  let at = member
  for (;;) {
    const before = tokens[at - 1]
    const last = tokens[at - 2]
    if (before?.openedBy !== undefined && /^[)\]]$/.test(before.text)) at = before.openedBy
    else if (before?.text === '.' && isWord(last)) at -= 2
    else if (before?.text === '.') at -= last?.text === '?' || last?.text === '!' ? 2 : 1
    else if (
      isWord(before) &&
      /^[.([?!]$/.test(tokens[at]?.text ?? '') &&
      !/^(?:await|return|void)$/.test(before?.text ?? '')
    )
      at -= 1
    else return at
  }
}

/** Whether a function is plainly one that gives a promise: what it may keep elsewhere is none that is lost. */
function givesPromise(tokens: readonly Token[], from: number): boolean {
  const first = tokens[from]
  if (first?.text === 'async') return true
  const next = tokens[from + 1]
  if (isWord(first) && /^[,)]$/.test(next?.text ?? '')) return true
  const arrow = isWord(first) ? from + 1 : first?.closedBy === undefined ? -1 : first.closedBy + 1
  if (tokens[arrow]?.text !== '=' || tokens[arrow + 1]?.text !== '>') return false
  const body = tokens[arrow + 2]
  if (!isWord(body) || body?.text === 'void') return false
  const chain = readChain(tokens, arrow + (body?.text === 'await' ? 3 : 2))
  return chain !== undefined && /^[,)]$/.test(tokens[chain.after]?.text ?? '')
}

/** Whether a call is a whole statement, with or without `await`, or all that a step does. */
function isWhole(tokens: readonly Token[], start: number, after: number): boolean {
  const before = tokens[start - 1]
  if (before?.text === 'await') return endsStatement(tokens, after) && beginsAnew(tokens, start - 1)
  if (before?.text === '>' && tokens[start - 2]?.text === '=') return isWork(tokens, start - 2, after)
  return endsStatement(tokens, after) && beginsAnew(tokens, start)
}

function beginsAnew(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (before === undefined || /^[;{}]$/.test(before.text)) return true
  return tokens[at]?.onNewLine === true && /[\p{ID_Continue}$)\]`'"]$/u.test(before.text)
}

/** Whether an arrow function is the last argument of an awaited `step`, which is a statement. */
function isWork(tokens: readonly Token[], arrow: number, after: number): boolean {
  if (tokens[after]?.text !== ')') return false
  const open = tokens[after]?.openedBy
  if (open === undefined || tokens[open - 1]?.text !== 'step' || tokens[open - 2]?.text !== 'await') return false
  const parameters = tokens[arrow - 1]
  const bracket = parameters?.openedBy ?? arrow - 1
  const first = tokens[bracket - 1]?.text === 'async' ? bracket - 1 : bracket
  return tokens[first - 1]?.text === ',' && endsStatement(tokens, after + 1) && beginsAnew(tokens, open - 2)
}
