import type { FieldName } from './filter-ast.ts'
import { type Token, tokenize } from './filter-lexer.ts'
import {
  closingBracket,
  closingQuote,
  isText,
  type KnownNames,
  type Offer,
  operatorOffers,
  patternEnds,
  type TermPlace,
  termOffers,
  type ValuePlace,
  valueOffers,
} from './filter-offers.ts'
import { fieldOf } from './filter-parser.ts'
import { keywords } from './filter-words.ts'

/** What could stand at the cursor: `text` in place of the characters from `from` up to `to`. */
export interface Completion {
  readonly text: string
  readonly from: number
  readonly to: number
  /** What it means, in a few words. */
  readonly detail: string
}

const mostCompletions = 50

/** See `completeFilter`. */
export function completionsAt(text: string, cursor: number, known: KnownNames): Completion[] {
  const before = tokenize(text.slice(0, cursor)).slice(0, -1)
  const touching = before.at(-1)?.end === cursor
  const place = placeOf(before, touching)
  const { to, operatorFollows } = wordAt(text, cursor, place.from)
  const offers = offersAt(place.kind === 'term' ? { ...place, isField: operatorFollows } : place, known)
  return [...offers, ...(touching && endsTerm(before) && isOpen(before) ? [closingBracket] : [])]
    .map(({ text, detail, inserted }) =>
      inserted === true ? { text, detail, from: cursor, to: cursor } : { text, detail, from: place.from ?? cursor, to },
    )
    .filter((completion) => completion.text !== text.slice(completion.from, completion.to))
    .slice(0, mostCompletions)
}

/** Where the cursor stands. `from` is where the word begins that it stands in or behind. */
type Place = { readonly from?: number } & (
  | ({ readonly kind: 'term' } & TermPlace)
  | { readonly kind: 'operator'; readonly field: FieldName }
  | ({ readonly kind: 'value'; readonly inQuotes: boolean } & ValuePlace)
  | { readonly kind: 'in text' | 'in pattern' | 'nowhere' }
)

function placeOf(tokens: readonly Token[], touching: boolean): Place {
  const last = tokens.at(-1)
  const test = testAt(tokens)
  if (last?.kind === 'broken') return brokenPlace(last, test)
  if (last?.kind === 'operator' || last?.kind === 'comma') {
    return test === undefined ? { kind: 'nowhere' } : { kind: 'value', prefix: '', inQuotes: false, ...test }
  }
  if (last?.kind === 'word') {
    const word = last.pieces.join('*')
    const isValue = standsAsValue(tokens)
    const field = isValue ? undefined : fieldOf(word.toLowerCase())
    if (field !== undefined) return { kind: 'operator', field }
    if (touching && isValue) {
      return test === undefined
        ? { kind: 'nowhere' }
        : { kind: 'value', prefix: word, from: last.start, inQuotes: false, ...test }
    }
    if (touching) return { ...termPlace(tokens.slice(0, -1)), prefix: word, from: last.start }
  }
  if (touching && (last?.kind === 'quoted' || last?.kind === 'pattern')) return { kind: 'nowhere' }
  return termPlace(tokens)
}

function termPlace(tokens: readonly Token[]): Place & { kind: 'term' } {
  const afterTerm = tokens.at(-1)?.kind === 'close' || endsTerm(tokens)
  return { kind: 'term', prefix: '', afterTerm, open: isOpen(tokens), isField: false }
}

/** Whether the last token is a condition, or the end of one. */
function endsTerm(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  if (last?.kind !== 'word') return last?.kind === 'quoted' || last?.kind === 'pattern'
  const word = last.pieces.join('*').toLowerCase()
  return standsAsValue(tokens) || !(keywords.includes(word) || fieldOf(word) !== undefined)
}

/** Whether a bracket is open at the end. */
function isOpen(tokens: readonly Token[]): boolean {
  return tokens.reduce((depth, { kind }) => depth + (kind === 'open' ? 1 : kind === 'close' ? -1 : 0), 0) > 0
}

function brokenPlace(broken: Token & { readonly kind: 'broken' }, test: TestAt | undefined): Place {
  if (broken.unclosed === undefined) return { kind: 'nowhere' }
  if (broken.unclosed.by === '/') return { kind: 'in pattern' }
  if (test === undefined) return { kind: 'in text' }
  return { kind: 'value', prefix: broken.unclosed.text, from: broken.start, inQuotes: true, ...test }
}

interface TestAt {
  readonly field: FieldName
  readonly operator: string
}

/** The field and operator whose values are being typed at the end. */
function testAt(tokens: readonly Token[]): TestAt | undefined {
  const at = tokens.findLastIndex((token) => token.kind === 'operator')
  const operator = tokens[at]
  const word = tokens[at - 1]
  if (operator?.kind !== 'operator' || word?.kind !== 'word') return undefined
  // Between the operator and the end there are values and commas in turn, or another term has begun.
  const isOver = tokens.slice(at + 1).some(({ kind }, i) => (kind === 'comma') !== (i % 2 === 1))
  const field = fieldOf(word.pieces.join('*').toLowerCase())
  return isOver || field === undefined ? undefined : { field, operator: operator.operator }
}

function standsAsValue(tokens: readonly Token[]): boolean {
  const before = tokens.at(-2)?.kind
  return before === 'operator' || before === 'comma'
}

/** A word is replaced as a whole, also where the cursor stands in the middle of it. */
function wordAt(text: string, cursor: number, from: number | undefined) {
  const tokens = tokenize(text)
  const index = tokens.findIndex(({ start }) => start === from)
  const token = tokens[index]
  const to = token === undefined || token.kind === 'broken' ? cursor : Math.max(cursor, token.end)
  return { to, operatorFollows: token !== undefined && tokens[index + 1]?.kind === 'operator' }
}

function offersAt(place: Place, known: KnownNames): Offer[] {
  switch (place.kind) {
    case 'term':
      return termOffers(place, known)
    case 'operator':
      return operatorOffers(place.field)
    case 'value': {
      const offers = valueOffers(place, known)
      if (!place.inQuotes) return offers
      return [...offers.filter((offer) => offer.inserted !== true), ...(isText(place.field) ? [closingQuote] : [])]
    }
    case 'in text':
      return [closingQuote]
    case 'in pattern':
      return patternEnds
    case 'nowhere':
      return []
  }
}
