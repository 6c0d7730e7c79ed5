import { isWord, readTokens, type Token } from './bare-calls.ts'

/** A call that only the scenario's own broker can answer, or an option that only it knows. */
export interface TargetCall {
  /** Indices of the text: of its name, and after that. */
  readonly start: number
  readonly end: number
  readonly name: string
  /** Whose it is, by the name of a type; of an option, by what stands in it. */
  readonly of: string
  readonly isOption: boolean
  readonly message: string
}

const own = 'leave the target out, so that the scenario has a broker of its own'

const orders = new Set('accept expireSession kill maxConnections refuse start stop'.split(' '))
const sessions = new Set('toBeExpired toBePresent toHaveInflight toHaveQueued toHaveSubscription'.split(' '))

/** They call once what they are given, and go wrong where it does. */
const callers = new Set(['poll', 'scenario', 'step'])

/**
 * What cannot be done at a target, where it is sure to be done: not in a branch, in a function that may be called or not, where
 * its failure is caught, or where the body may have come back before. Whose functions they are, the types have to tell.
 */
export function targetCalls(text: string): TargetCall[] {
  const tokens = readTokens(text)
  return tokens.flatMap((token, at) => {
    const found = isWord(token) ? asked(tokens, at) : undefined
    if (found === undefined || !isSure(tokens, at)) return []
    return [{ start: token.start, end: token.end, name: token.text, ...found }]
  })
}

function asked(tokens: readonly Token[], at: number): Pick<TargetCall, 'of' | 'isOption' | 'message'> | undefined {
  const name = tokens[at]?.text ?? ''
  if (name === 'because' && tokens[at + 1]?.text === ':' && /^[{,]$/.test(tokens[at - 1]?.text ?? '')) {
    const message = `why a will was published a target does not tell: leave 'because' out, or the target`
    return { of: 'WillCause', isOption: true, message }
  }
  if (tokens[at - 1]?.text !== '.' || tokens[at + 1]?.text !== '(') return undefined
  if (orders.has(name))
    return { of: 'BrokerHandle', isOption: false, message: `broker.${name} is not possible at a target: ${own}` }
  const seen = "expect what its clients see, such as 'sessionPresent' after 'connect', or leave the target out"
  const message = `what Sessions a broker has a target does not tell: ${seen}`
  if (sessions.has(name)) return { of: 'SessionExpectations', isOption: false, message }
  return name === 'queued' ? { of: 'SessionHandle', isOption: false, message } : undefined
}

/** Whether what stands there is done whenever the body of the scenario is run to its end. */
function isSure(tokens: readonly Token[], from: number): boolean {
  /** Or in one that is before it. */
  let inStatement = true
  for (let at = from - 1; at >= 0; at--) {
    const token = tokens[at] as Token
    if (inStatement && beginsStatement(tokens, at + 1)) {
      if (isCondition(tokens, at) || /^(?:else|do)$/.test(token.text)) return false
      inStatement = false
    }
    if (token.text === ';') inStatement = false
    const arrow = token.text === '{' ? at - 2 : at
    if (token.openedBy !== undefined) {
      if (inStatement ? isCondition(tokens, at) : token.text === '}' && mayLeave(tokens, token.openedBy, at))
        return false
      at = token.openedBy
    } else if (token.text === '{' ? isArrow(tokens, arrow) : inStatement && isArrow(tokens, arrow)) {
      const open = opening(tokens, arrow)
      if (open === undefined || !isCaller(tokens, open)) return false
      at = open
      inStatement = true
    } else if (token.text === '{') {
      if (!/^[(,:=]$/.test(tokens[at - 1]?.text ?? '')) return false
      inStatement = true
    } else if (!inStatement) {
      if (/^(?:break|continue|return|throw)$/.test(token.text)) return false
    } else if (/^(?:\?|else|do|function|class)$/.test(token.text)) return false
    else if (isTwice(tokens, at, '&') || isTwice(tokens, at, '|')) return false
  }
  return true
}

function beginsStatement(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  return token?.onNewLine === true && isWord(token) && /[\p{ID_Continue}$)\]}`'"]$/u.test(tokens[at - 1]?.text ?? '')
}

/** Whether a bracket ends there on which it depends what comes behind it. */
function isCondition(tokens: readonly Token[], at: number): boolean {
  const { openedBy, text } = tokens[at] as Token
  if (openedBy === undefined || text !== ')') return false
  return /^(?:catch|for|if|switch|while)$/.test(tokens[openedBy - 1]?.text ?? '')
}

/** A block in which the body may come back, or throw, before it has come to what is behind; functions have returns of their own. */
function mayLeave(tokens: readonly Token[], from: number, to: number): boolean {
  if (isArrow(tokens, from - 2)) return false
  for (let at = from + 1; at < to; at++) {
    const { closedBy, text } = tokens[at] as Token
    if (/^(?:return|throw)$/.test(text)) return true
    if (text === '{' && isArrow(tokens, at - 2) && closedBy !== undefined) at = closedBy
  }
  return false
}

/** Whether `=>` is there. */
function isArrow(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === '=' && tokens[at + 1]?.text === '>' && tokens[at + 1]?.start === tokens[at]?.end
}

function isTwice(tokens: readonly Token[], at: number, sign: string): boolean {
  return tokens[at]?.text === sign && tokens[at + 1]?.text === sign
}

/** The bracket in which something stands. */
function opening(tokens: readonly Token[], from: number): number | undefined {
  for (let at = from - 1; at >= 0; at--) {
    const { openedBy, text } = tokens[at] as Token
    if (openedBy !== undefined) at = openedBy
    else if (/^[([{]$/.test(text)) return at
  }
  return undefined
}

/** `step(`, `expect.poll(`, `scenario(`. */
function isCaller(tokens: readonly Token[], open: number): boolean {
  return tokens[open]?.text === '(' && callers.has(tokens[open - 1]?.text ?? '')
}
