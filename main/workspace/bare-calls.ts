import { type ScriptToken, tokensOf } from './script-tokens.ts'

/** A call that is a whole statement: what it gives, nobody takes. */
export interface BareCall {
  /** Indices of the text: of its first character, and after its last. */
  readonly start: number
  readonly end: number
  /** The function that is called, without what it belongs to: `toReceive`; of `then` and `finally`, what they were added to. */
  readonly name: string
}

export interface Token extends ScriptToken {
  readonly text: string
  /** Whether a line begins between it and the token before. */
  readonly onNewLine: boolean
  /** Of an opening bracket: the index of the token that closes it. */
  closedBy?: number
  /** Of a closing bracket: the index of the token that opens it. */
  openedBy?: number
}

/** Tokens of the types that a call is given; whoever writes more of them is not understood. */
const mostTypes = 100

/** They begin something else than a call, or change what becomes of one. */
const notCalled = new Set(
  `as async await break case catch class const continue debugger declare default delete do else enum export extends finally for
   from function if implements import in instanceof interface let namespace new of return satisfies super switch throw try type
   typeof using var void while with yield`.split(/\s+/),
)

/** After these words an expression goes on, whatever line it is on. */
const goingOn = new Set(
  'as await case delete extends export from import in instanceof is keyof new of satisfies throw typeof void'.split(
    ' ',
  ),
)

/** What is added to a promise gives another one. */
const handlers = new Set(['then', 'catch', 'finally'])

/**
 * The calls of a script that are statements of their own, such as `pump.powerLoss()`: not those that are awaited, returned,
 * kept or `void`. It goes by tokens and is careful: what is not plainly such a call is left out.
 */
export function bareCalls(text: string): BareCall[] {
  const tokens = readTokens(text)
  const found: BareCall[] = []
  for (let at = 0; at < tokens.length; at++) {
    if (!beginsStatement(tokens, at)) continue
    const call = readCall(tokens, at)
    if (call !== undefined) found.push(call)
  }
  return found
}

/** Without comments. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = []
  const open: number[] = []
  let before = 0
  for (const { kind, start, end } of tokensOf(text)) {
    if (kind === 'comment') continue
    const onNewLine = /[\n\r\u2028\u2029]/.test(text.slice(before, start))
    const token: Token = { kind, start, end, text: text.slice(start, end), onNewLine }
    if (/^[([{]$/.test(token.text)) open.push(tokens.length)
    const openedBy = /^[)\]}]$/.test(token.text) ? open.pop() : undefined
    const opening = openedBy === undefined ? undefined : tokens[openedBy]
    if (openedBy !== undefined && opening !== undefined) {
      opening.closedBy = tokens.length
      token.openedBy = openedBy
    }
    tokens.push(token)
    before = end
  }
  return tokens
}

export function isWord(token: Token | undefined): boolean {
  return token?.kind === 'other' && /^[\p{ID_Start}$_]/u.test(token.text)
}

function beginsStatement(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  if (token === undefined || !isWord(token) || notCalled.has(token.text)) return false
  const before = tokens[at - 1]
  if (before === undefined) return true
  if (before.kind === 'string') return token.onNewLine
  // What stands after a parenthesis is the statement of an `if` or a loop.
  if (/^(?:[;{})]|else|do)$/.test(before.text)) return true
  if (before.text === ':') return tokens[at - 2]?.text === 'default' || tokens[at - 3]?.text === 'case'
  return token.onNewLine && /[\p{ID_Continue}$\]`]$/u.test(before.text) && !goingOn.has(before.text)
}

/** The chain of names and calls that begins there, if it ends with a call and the statement with it. */
function readCall(tokens: readonly Token[], from: number): BareCall | undefined {
  const chain = readChain(tokens, from)
  if (chain === undefined || !endsStatement(tokens, chain.after)) return undefined
  const { end, name, start } = chain
  return { start, end, name }
}

export interface Chain extends BareCall {
  /** Index of the token after it. */
  readonly after: number
}

/**
 * The chain of names and calls that begins there, if it ends with a call. A promise that fails, and somebody has seen to that,
 * is none that was forgotten.
 */
export function readChain(tokens: readonly Token[], from: number): Chain | undefined {
  const first = tokens[from]
  let name = first?.text ?? ''
  let member = name
  let isCall = false
  let at = from + 1
  for (;;) {
    const next = readLink(tokens, at)
    if (next === undefined) break
    member = next.name ?? member
    if (next.isCall && (member === 'catch' || (member === 'then' && hasComma(tokens, at, next.after)))) return undefined
    if (next.name !== undefined && !handlers.has(member)) name = name === 'Promise' ? `Promise.${member}` : member
    isCall = next.isCall
    at = next.after
  }
  const last = tokens[at - 1]
  if (!isCall || first === undefined || last === undefined) return undefined
  return { start: first.start, end: last.end, name, after: at }
}

/** Whether a call is given more than one thing, of which the second sees to what fails. */
function hasComma(tokens: readonly Token[], from: number, after: number): boolean {
  for (let at = from + 1; at < after - 2; at++) {
    const { closedBy, text } = tokens[at] as Token
    if (text === ',') return true
    if (closedBy !== undefined) at = closedBy
  }
  return false
}

interface ChainLink {
  /** Index of the token after it. */
  readonly after: number
  readonly isCall: boolean
  /** Of a member. */
  readonly name?: string
}

function readLink(tokens: readonly Token[], at: number): ChainLink | undefined {
  const token = tokens[at]
  if (token === undefined || token.kind === 'string') return undefined
  const member = tokens[at + 1]
  switch (token.text) {
    case '.':
      return isWord(member) || member?.text.startsWith('#')
        ? { after: at + 2, isCall: false, name: member?.text ?? '' }
        : undefined
    case '?':
      // `?.(` and `?.[`; the point of `?.name` is read as that of `.name`.
      if (member?.text !== '.') return undefined
      return /^[([]$/.test(tokens[at + 2]?.text ?? '') ? readLink(tokens, at + 2) : readLink(tokens, at + 1)
    case '!':
      return token.onNewLine || !/^[.([?]$/.test(member?.text ?? '') ? undefined : readLink(tokens, at + 1)
    case '(':
    case '[': {
      const { closedBy } = token
      return closedBy === undefined ? undefined : { after: closedBy + 1, isCall: token.text === '(' }
    }
    case '<': {
      const after = afterTypes(tokens, at)
      return after === undefined || tokens[after]?.text !== '(' ? undefined : readLink(tokens, after)
    }
    default:
      return undefined
  }
}

/** Where arguments end that are types, such as `<number>`; undefined where it may be a comparison. */
function afterTypes(tokens: readonly Token[], from: number): number | undefined {
  let depth = 0
  for (let at = from; at < Math.min(tokens.length, from + mostTypes); at++) {
    const token = tokens[at]
    if (token?.text === '<') depth += 1
    else if (token?.text === '>') depth -= 1
    else if (token?.kind !== 'string' && !isWord(token) && !/^[.,|&[\]]$/.test(token?.text ?? '')) return undefined
    if (depth === 0) return at + 1
  }
  return undefined
}

export function endsStatement(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  if (token === undefined || token.text === ';' || token.text === '}') return true
  if (!token.onNewLine) return false
  return token.kind === 'string'
    ? !token.text.startsWith('`')
    : isWord(token) && !/^(?:as|in|instanceof|satisfies)$/.test(token.text)
}
