import { FilterProblem, quote } from './filter-problem.ts'

/**
 * A regular expression as a tree. What takes one character stays as it was written: JavaScript's own RegExp judges
 * single characters, where it cannot take long, so that classes, `.` and the flags mean what they mean everywhere.
 */
export type PatternNode =
  | { readonly kind: 'one'; readonly source: string }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number }

export type Edge = '^' | '$' | '\\b' | '\\B'

/** As deep as brackets may be nested in the filter itself. */
const mostNested = 100

const escaped = String.raw`\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z]|0(?!\d)|[^\dbBkc])`
const one = String.raw`\[(?:\\[^]|[^\]\\])*\]|[^\\^$*+?()[|]|${escaped}`
const unicodeEscape = String.raw`\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\})`

/**
 * Reads a regular expression that JavaScript takes. Of its language all is read that can be matched with one look at
 * each character: neither look-around nor references back to a group.
 *
 * @param at where the source begins in the filter
 * @throws FilterProblem at what cannot be matched so
 */
export function readPattern(source: string, flags: string, at: number): PatternNode {
  return new PatternReader(source, flags, at).either()
}

class PatternReader {
  readonly #source: string
  readonly #start: number
  readonly #one: RegExp
  #at = 0
  #nested = 0

  constructor(source: string, flags: string, start: number) {
    this.#source = source
    this.#start = start
    this.#one = flags.includes('u') ? new RegExp(`${unicodeEscape}|${one}`, 'uy') : new RegExp(one, 'y')
  }

  either(): PatternNode {
    const parts = [this.#sequence()]
    while (this.#take(/\|/y)) parts.push(this.#sequence())
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'any', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string)) {
      parts.push(this.#repeated(this.#single()))
    }
    return { kind: 'all', parts }
  }

  /** A lazy quantifier finds other texts than a greedy one, and the same answer to whether there is any. */
  #repeated(part: PatternNode): PatternNode {
    const quantifier = this.#take(/(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y)
    if (quantifier === undefined) return part
    const [, sign, least, comma, most] = quantifier
    if (sign !== undefined) {
      return { kind: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
    }
    const end = comma === '' ? least : most === '' ? Number.POSITIVE_INFINITY : most
    return { kind: 'repeat', part, least: Number(least), most: Number(end) }
  }

  #single(): PatternNode {
    if (this.#source[this.#at] === '(') return this.#group()
    const edge = this.#take(/[$^]|\\[bB]/y)
    if (edge !== undefined) return { kind: 'edge', edge: edge[0] as Edge }
    const taken = this.#take(this.#one)
    if (taken !== undefined) return { kind: 'one', source: taken[0] }
    const [piece] = /^\\(?:\d+|k(?:<[^>]*>)?|.?)/s.exec(this.#source.slice(this.#at)) ?? ['']
    throw /^\\(?:k|[1-9])/.test(piece)
      ? this.#refuse(piece, 'refers back to a group, which a filter cannot: write out what may stand there')
      : this.#refuse(piece, 'is no escape that a filter reads: write the character as \\x and two hexadecimal digits')
  }

  #group(): PatternNode {
    const open = this.#take(/\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/y)
    if (open === undefined) {
      const [piece] = /^\(\?(?:<[=!]|[a-z-]*:|.)/s.exec(this.#source.slice(this.#at)) ?? ['']
      const instead = 'use several tests with "and", "or" and "not", or the flags i, m and s behind the last "/"'
      throw this.#refuse(piece, `looks around or changes flags, which a filter cannot: ${instead}`)
    }
    if (this.#nested === mostNested) throw this.#refuse('(', `is nested more than ${mostNested} deep`)
    this.#nested++
    const node = this.either()
    this.#nested--
    this.#at++
    return node
  }

  /** What stands next, if it is such; `sticky` is a sticky expression. */
  #take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at
    const taken = sticky.exec(this.#source) ?? undefined
    if (taken !== undefined) this.#at = sticky.lastIndex
    return taken
  }

  #refuse(piece: string, why: string): FilterProblem {
    const expected = ['characters, classes, groups, "|", quantifiers, "^", "$", "\\b"']
    return new FilterProblem(this.#start + this.#at, piece.length, `${quote(piece)} ${why}`, expected)
  }
}

/** The most places that a matcher needs for it; counted, not built, because `((a{999}){999}){999}` is soon written. */
export function sizeOf(node: PatternNode): number {
  switch (node.kind) {
    case 'one':
    case 'edge':
      return 1
    case 'all':
    case 'any':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 1)
    case 'repeat': {
      const { part, least, most } = node
      if (most === 0) return 1
      return most === Number.POSITIVE_INFINITY
        ? 1 + Math.max(least, 1) * sizeOf(part)
        : most * sizeOf(part) + most - least
    }
  }
}
