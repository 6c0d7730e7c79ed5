import type { Span } from './filter-ast.ts'
import { keywords } from './filter-words.ts'

export type Token = Span &
  (
    | {
        readonly kind: 'word' | 'quoted'
        /** Cut at each `*` that was not escaped. */
        readonly pieces: readonly string[]
      }
    | { readonly kind: 'pattern'; readonly source: string; readonly flags: string }
    | { readonly kind: 'operator'; readonly operator: string }
    | { readonly kind: 'comma' | 'open' | 'close' | 'end' }
    | {
        readonly kind: 'broken'
        readonly problem: string
        readonly expected: readonly string[]
        /** What is begun and not ended; the text of it. */
        readonly unclosed?: { readonly by: '"' | '/'; readonly text: string }
      }
  )

const operators: readonly string[] = ['!=', '<=', '>=', ':', '=', '<', '>', '~']

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '*': '*', n: '\n', r: '\r', t: '\t' }

/**
 * Cuts a filter into tokens; the last one is `end`. What is a word depends on where it stands: after an operator or a
 * comma anything up to a space, `,`, `)`, `(` or `"` is a value, so that `topic:a=b` needs no quotes. Nothing is thrown:
 * what cannot be read is a `broken` token, the last before `end`.
 */
export function tokenize(text: string): Token[] {
  const lexer = new Lexer(text)
  const tokens: Token[] = []
  for (;;) {
    const token = lexer.next(tokens.at(-1))
    tokens.push(token)
    if (token.kind === 'end') return tokens
    if (token.kind === 'broken') {
      tokens.push({ kind: 'end', start: text.length, end: text.length })
      return tokens
    }
  }
}

class Lexer {
  readonly #text: string
  #at = 0
  /** Of the values that are read now: only `~` takes regular expressions, and a topic may begin with a slash. */
  #operator = ''

  constructor(text: string) {
    this.#text = text
  }

  next(before: Token | undefined): Token {
    while (isSpace(this.#text[this.#at])) this.#at++
    const start = this.#at
    const sign = this.#text[start]
    if (sign === undefined) return { kind: 'end', start, end: start }
    if (sign === '(' || sign === ')') {
      return { kind: sign === '(' ? 'open' : 'close', start, end: ++this.#at }
    }
    if (sign === ',') return { kind: 'comma', start, end: ++this.#at }
    if (sign === '"') return this.#quoted(start)
    const isValue = before?.kind === 'operator' || before?.kind === 'comma'
    if (isValue) return sign === '/' && this.#operator === '~' ? this.#pattern(start) : this.#word(start, isValueEnd)
    const operator = operators.find((candidate) => this.#text.startsWith(candidate, start))
    if (operator === undefined) return this.#word(start, (at) => isTermEnd(this.#text, at))
    this.#at += operator.length
    this.#operator = operator
    return { kind: 'operator', operator, start, end: this.#at }
  }

  #word(start: number, isEnd: (at: number, text: string) => boolean): Token {
    while (!isEnd(this.#at, this.#text)) this.#at++
    const word = this.#text.slice(start, this.#at)
    const sign = this.#text[this.#at]
    const joined = sign === '"' || (sign === '(' && (isEnd === isValueEnd || !keywords.includes(word.toLowerCase())))
    if (!joined) return { kind: 'word', pieces: word.split('*'), start, end: this.#at }
    const problem = `${sign === '"' ? 'a quotation mark' : '"("'} cannot stand in a word: put all of it in quotes, or a space before`
    return { kind: 'broken', problem, expected: ['a space'], start: this.#at, end: this.#at + 1 }
  }

  #quoted(start: number): Token {
    const pieces = ['']
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const sign = this.#text[this.#at]
      if (sign === undefined) return this.#unclosed(start, '"', pieces.join('*'))
      if (sign === '*') {
        pieces.push('')
        continue
      }
      const read = sign === '\\' ? this.#escape() : sign
      if (read === undefined) return this.#unclosed(start, '"', pieces.join('*'))
      if (typeof read !== 'string') return read
      pieces[pieces.length - 1] += read
    }
    this.#at++
    return this.#joined() ?? { kind: 'quoted', pieces, start, end: this.#at }
  }

  /** Stands at the backslash, leaves at the last character of the escape; undefined where the text ends there. */
  #escape(): string | Token | undefined {
    const start = this.#at++
    const sign = this.#text[this.#at]
    if (sign === undefined) return undefined
    const plain = escapes[sign]
    if (plain !== undefined) return plain
    const code = /^u([0-9a-f]{4})/i.exec(this.#text.slice(this.#at, this.#at + 5))?.[1]
    if (code !== undefined) {
      this.#at += 4
      return String.fromCharCode(Number.parseInt(code, 16))
    }
    const expected = ['\\"', '\\\\', '\\*', '\\n', '\\r', '\\t', '\\u and four hexadecimal digits']
    return { kind: 'broken', problem: `expected one of ${expected.join(' ')}`, expected, start, end: this.#at + 1 }
  }

  #pattern(start: number): Token {
    let inClass = false
    for (this.#at++; this.#text[this.#at] !== '/' || inClass; this.#at++) {
      const sign = this.#text[this.#at]
      if (sign === undefined) return this.#unclosed(start, '/', this.#text.slice(start + 1))
      if (sign === '\\') this.#at++
      else if (sign === '[') inClass = true
      else if (sign === ']') inClass = false
    }
    const source = this.#text.slice(start + 1, this.#at++)
    const from = this.#at
    while (/[a-z]/i.test(this.#text[this.#at] ?? '')) this.#at++
    const flags = this.#text.slice(from, this.#at)
    return this.#joined() ?? { kind: 'pattern', source, flags, start, end: this.#at }
  }

  #unclosed(start: number, by: '"' | '/', text: string): Token {
    this.#at = this.#text.length
    const missing = by === '"' ? 'a closing quotation mark' : 'a "/" that ends the regular expression'
    const broken = { problem: `expected ${missing}`, expected: [missing], unclosed: { by, text } }
    return { kind: 'broken', ...broken, start, end: this.#at }
  }

  /** What comes right after a quoted text or a pattern must not look like a part of it. */
  #joined(): Token | undefined {
    const sign = this.#text[this.#at]
    if (sign === undefined || isSpace(sign) || sign === ',' || sign === ')') return undefined
    const expected = ['a space', '","', '")"']
    return { kind: 'broken', problem: 'expected a space', expected, start: this.#at, end: this.#at + 1 }
  }
}

function isSpace(sign: string | undefined): boolean {
  return sign !== undefined && /\s/.test(sign)
}

function isValueEnd(at: number, text: string): boolean {
  const sign = text[at]
  return sign === undefined || '(),"'.includes(sign) || isSpace(sign)
}

function isTermEnd(text: string, at: number): boolean {
  return isValueEnd(at, text) || ':=<>~'.includes(text[at] as string) || text.startsWith('!=', at)
}
