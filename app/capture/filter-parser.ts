import {
  type FieldName,
  type FilterNode,
  type FilterTest,
  type FilterValue,
  fieldNames,
  flagNames,
  type Operator,
} from './filter-ast.ts'
import { type Token, tokenize } from './filter-lexer.ts'
import { readPattern, sizeOf } from './filter-pattern.ts'
import { FilterProblem, ordinal, quote } from './filter-problem.ts'
import { readValue } from './filter-values.ts'
import { fieldAliases, fieldWords, keywords } from './filter-words.ts'

/*
 * The filter language: one for lists, breakpoints, faults and export.
 *
 *   filter     = [ either ] ;                                     empty: everything
 *   either     = both { "or" both } ;
 *   both       = negation { [ "and" ] negation } ;                side by side means "and"
 *   negation   = { "not" } primary ;
 *   primary    = "(" either ")" | test | flag | text ;
 *   test       = field operator value { "," value } ;             "," means any of them; only after : = != ~
 *   field      = "type" | "client" | "topic" | "payload" | "from" | "qos" | "id" | "bytes" | "code" | "reason"
 *              | "number" | "conn" | "connection" | "time" ;
 *   operator   = ":" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" ;      ":" and "=" are the same, "~" is contains
 *   value      = word | quoted | pattern | number | time ;
 *   flag       = "dup" | "retain" | "malformed" | "will" | "event" | "session-present"
 *              | "clean-session" | "clean-start" ;
 *   text       = word | quoted ;                                  contained in topic, Client Identifier or payload
 *   quoted     = '"' { character | escape } '"' ;
 *   escape     = "\" ( '"' | "\" | "*" | "n" | "r" | "t" | "u" 4 * hexdigit ) ;
 *   pattern    = "/" regular expression "/" { "i" | "m" | "s" | "u" } ;  only after "~"
 *                what JavaScript reads, but for look-around, references back to a group and changes of flags
 *   number     = digits | "0x" hexdigits ;
 *   time       = digits [ "." digits ] [ "ns" | "us" | "ms" | "s" | "min" | "h" ] ;   seconds where no unit is given
 *   word       = characters but for space ( ) , " — and, where no value is expected, but for : = < > ~ != ;
 *
 * Keywords, fields, flags, types and units may be in capitals; everything else is compared letter by letter.
 *
 * What it means:
 * - A record without the field matches no test of it, `!=` neither: `not qos:0` is every record that is no PUBLISH with
 *   QoS 0, `qos!=0` is every PUBLISH with QoS 1 or 2.
 * - client: `*` is any run of characters, `\*` in quotes is an asterisk. The connection's Client Identifier; before it is
 *   known, the one that the CONNECT or the event itself says.
 * - topic: of a PUBLISH, or any of a SUBSCRIBE or UNSUBSCRIBE. `+` and `#` as in a Topic Filter; at the start they do not
 *   match a topic that begins with `$` [MQTT-4.7.2-1]. A PUBLISH that uses a Topic Alias says no topic.
 * - payload: of a PUBLISH, as far as the record holds it. Text is compared as UTF-8 octets; a pattern sees the payload
 *   read as UTF-8, with U+FFFD for what is not.
 * - A pattern is matched in a time that grows with the text's length and never faster, because filters see every packet:
 *   that is why it may not look around nor refer back. Of a payload it sees the first 64 KiB, and its end there. All
 *   patterns of a filter may have 250 places together, where a repeat such as {2,9} counts for what it repeats 9 times.
 * - clean-session, clean-start: the same bit of a CONNECT, which MQTT 3.1.1 calls Clean Session [MQTT 3.1.1 §3.1.2.4]
 *   and MQTT 5 Clean Start [MQTT 5 §3.1.2.4]; either word finds both versions.
 * - code: of SUBACK and UNSUBACK any of them. One that MQTT 5 lets be left out is 0 [MQTT 5 §3.4.2.1].
 * - bytes: the packet's length on the wire, also where the record holds only a part of it.
 * - will: a PUBLISH that delivers a Will Message, and the events that tell of a will.
 * - Events have a type, client, number, conn and time, and `event` and `will`; what is malformed has these, but no type,
 *   and bytes and from. No other test matches them.
 */

/** Deeper than anybody writes, and far from what the stack can take. */
const mostNested = 100
const mostCharacters = 10_000
/** A character of the payload costs at worst the work of all of them: with twice as many 64 KiB took up to 3.2 s. */
const mostPlaces = 250
const takesMany: readonly Operator[] = ['=', '!=', '~']

/** @throws FilterProblem */
export function parse(text: string): FilterNode {
  if (text.length > mostCharacters) {
    throw new FilterProblem(
      mostCharacters,
      text.length - mostCharacters,
      `the filter is longer than ${mostCharacters} characters`,
      [],
    )
  }
  return new Parser(text).filter()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #index = 0
  #nested = 0
  #places = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenize(text)
  }

  filter(): FilterNode {
    if (this.#tokens.length === 1) return { kind: 'everything', start: 0, end: this.#text.length }
    const node = this.#either()
    if (this.#token.kind === 'close')
      throw this.#unexpected('there is no "(" that this ")" could close', ['a condition'])
    if (this.#token.kind !== 'end') throw this.#unexpected()
    return node
  }

  get #token(): Token {
    return this.#tokens[this.#index] as Token
  }

  #either(): FilterNode {
    const parts = [this.#both()]
    while (this.#takeKeyword('or')) parts.push(this.#both())
    return joined('or', parts)
  }

  #both(): FilterNode {
    const parts = [this.#negation()]
    while (this.#takeKeyword('and') || this.#beginsTerm()) parts.push(this.#negation())
    return joined('and', parts)
  }

  #negation(): FilterNode {
    const start = this.#token.start
    if (!this.#takeKeyword('not')) return this.#primary()
    const part = this.#deeper(() => this.#negation())
    return { kind: 'not', part, start, end: part.end }
  }

  #primary(): FilterNode {
    const token = this.#token
    switch (token.kind) {
      case 'open':
        return this.#group(token)
      case 'quoted':
        this.#index++
        return { kind: 'text', text: token.pieces.join('*'), start: token.start, end: token.end }
      case 'word':
        return this.#word(token, token.pieces.join('*'))
      default:
        throw this.#unexpected()
    }
  }

  #group(open: Token): FilterNode {
    this.#index++
    const node = this.#deeper(() => this.#either())
    const close = this.#token
    if (close.kind !== 'close') {
      throw close.kind === 'end'
        ? this.#unexpected(`expected ")" for the "(" at character ${ordinal(open.start)}`, ['")"'])
        : this.#unexpected()
    }
    this.#index++
    return node
  }

  #deeper(read: () => FilterNode): FilterNode {
    if (this.#nested === mostNested) throw this.#unexpected(`this is nested more than ${mostNested} deep`, [])
    this.#nested++
    const node = read()
    this.#nested--
    return node
  }

  #word(token: Token, word: string): FilterNode {
    const name = word.toLowerCase()
    if (keywords.includes(name)) throw this.#unexpected()
    const operator = this.#tokens[this.#index + 1]
    if (operator?.kind === 'operator') return this.#test(token, word, operator.operator)
    if (word.startsWith('!') || word === '&&' || word === '||') {
      const instead = word.startsWith('!') ? 'not' : word === '&&' ? 'and' : 'or'
      throw this.#unexpected(`write "${instead}"; to look for this text put it in quotes`, [`"${instead}"`])
    }
    if (fieldOf(name) !== undefined) {
      this.#index++
      const operators = fieldWords[fieldOf(name) as FieldName].operators
      throw new FilterProblem(
        token.end,
        0,
        `expected ${listOf(operators)} after ${quote(word)}; to look for this text put it in quotes`,
        operators,
      )
    }
    this.#index++
    const flag = flagNames.find((known) => known === name)
    const at = { start: token.start, end: token.end }
    return flag === undefined ? { kind: 'text', text: word, ...at } : { kind: 'flag', flag, ...at }
  }

  #test(token: Token, word: string, written: string): FilterTest {
    const field = fieldOf(word.toLowerCase())
    if (field === undefined) {
      const why = `${quote(word)} is no field; expected ${listOf(fieldNames)}; to look for the text put all of it in quotes`
      throw this.#unexpected(why, fieldNames)
    }
    this.#index++
    const allowed = fieldWords[field].operators
    const operator = allowed.find((known) => known === (written === ':' ? '=' : written))
    if (operator === undefined) {
      throw this.#unexpected(
        `${quote(word)} cannot be compared with "${written}"; expected ${listOf(allowed)}`,
        allowed,
      )
    }
    this.#index++
    const values = [this.#value(field, operator, token.start)]
    while (this.#token.kind === 'comma') {
      if (!takesMany.includes(operator)) throw this.#unexpected(`"${operator}" takes one value`, ['a space'])
      this.#index++
      values.push(this.#value(field, operator, token.start))
    }
    return { kind: 'test', field, operator, values, start: token.start, end: this.#tokens[this.#index - 1]?.end ?? 0 }
  }

  #value(field: FieldName, operator: Operator, start: number) {
    if (this.#token.kind === 'broken') throw this.#unexpected()
    const value = readValue(this.#token, field, operator, this.#text.slice(start, this.#token.start).trimEnd())
    if (value.kind === 'pattern') this.#checkSize(value)
    this.#index++
    return value
  }

  #checkSize({ source, flags, start, end }: FilterValue & { readonly kind: 'pattern' }): void {
    this.#places += sizeOf(readPattern(source, flags, start + 1))
    if (this.#places <= mostPlaces) return
    const why = `the regular expressions of this filter have more than ${mostPlaces} places, repeats such as {2,9} written out: repeat less, or use "*" or "+"`
    throw new FilterProblem(start, end - start, why, ['a shorter regular expression'])
  }

  #takeKeyword(keyword: string): boolean {
    if (!this.#isKeyword(keyword)) return false
    this.#index++
    return true
  }

  #isKeyword(keyword: string): boolean {
    const token = this.#token
    return token.kind === 'word' && this.#text.slice(token.start, token.end).toLowerCase() === keyword
  }

  #beginsTerm(): boolean {
    const kind = this.#token.kind
    return kind === 'open' || kind === 'quoted' || (kind === 'word' && !this.#isKeyword('or'))
  }

  /** The token at which reading stopped, which says itself what is wrong where it is broken. */
  #unexpected(message?: string, expected: readonly string[] = ['a condition']): FilterProblem {
    const { start, end, ...token } = this.#token
    if (token.kind === 'broken') return new FilterProblem(start, end - start, token.problem, token.expected)
    if (message !== undefined) return new FilterProblem(start, end - start, message, expected)
    const before = this.#tokens[this.#index - 1]
    const after = before === undefined ? '' : ` after ${quote(this.#text.slice(before.start, before.end))}`
    const found = start === end ? '' : `, not ${quote(this.#text.slice(start, end))}`
    return new FilterProblem(start, end - start, `expected a condition${after}${found}`, expected)
  }
}

export function fieldOf(name: string): FieldName | undefined {
  return (
    fieldNames.find((known) => known === name) ?? (Object.hasOwn(fieldAliases, name) ? fieldAliases[name] : undefined)
  )
}

function joined(kind: 'and' | 'or', parts: readonly FilterNode[]): FilterNode {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return { kind, parts, start: first?.start ?? 0, end: parts.at(-1)?.end ?? 0 }
}

/** `a, b or c`, each in quotes. */
function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}
