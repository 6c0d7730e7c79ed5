export interface ScriptToken {
  /** A template without `${` is a string. */
  readonly kind: 'comment' | 'string' | 'other'
  readonly start: number
  readonly end: number
}

const space = /\s+/y
const comment = /\/\/[^\r\n\u2028\u2029]*|\/\*[\s\S]*?(?:\*\/|$)/y
const string = /'(?:[^'\\\r\n]|\\[\s\S])*'|"(?:[^"\\\r\n]|\\[\s\S])*"/y
const word = /[\p{ID_Continue}$#]+/uy
const expression = /\/(?:[^/\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+\//y
/** From a backtick or a closing brace to the next part of a template in braces, or to its end. */
const template = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y

/** After these words a slash begins a regular expression; after any other word it divides. */
const operators = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|await|yield|default|extends)$/

/**
 * Cuts a script into tokens, well enough to tell code from comments and strings. Where a slash could divide or begin a
 * regular expression it goes by what is before it, as highlighters do: nothing may rest on this alone.
 */
export function* tokensOf(text: string): Generator<ScriptToken> {
  /** Of each open brace, whether it is one of a template. */
  const braces: boolean[] = []
  let last = ''
  let at = text.startsWith('#!') ? text.search(/[\r\n\u2028\u2029]|$/) : 0
  const endOf = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.test(text) ? pattern.lastIndex : at
  }
  while (at < text.length) {
    const start = at
    at = endOf(space)
    if (at > start) continue
    at = endOf(comment)
    if (at > start) {
      yield { kind: 'comment', start, end: at }
      continue
    }
    const first = text.charAt(start)
    const inTemplate = first === '`' || (first === '}' && braces.pop() === true)
    at = endOf(inTemplate ? template : string)
    const isString = at > start + 1 && (!inTemplate || (first === '`' && text.endsWith('`', at)))
    if (inTemplate && text.startsWith('${', at - 2)) braces.push(true)
    if (first === '{') braces.push(false)
    if (at === start && first === '/' && beginsExpression(last)) at = endOf(expression)
    if (at === start) at = endOf(word)
    if (at === start) at++
    yield { kind: isString ? 'string' : 'other', start, end: at }
    last = isString || inTemplate ? ')' : text.slice(start, Math.min(at, start + 12))
  }
}

function beginsExpression(last: string): boolean {
  return operators.test(last) || !/[\p{ID_Continue}$)\]}]$/u.test(last)
}
