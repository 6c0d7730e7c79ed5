import { type FieldName, fieldNames, flagNames, type Operator } from './filter-ast.ts'
import { writeText } from './filter-print.ts'
import { fieldWords, flagDetails, typeNames } from './filter-words.ts'

/** What could be typed next, before it is known where it goes. */
export interface Offer {
  readonly text: string
  readonly detail: string
  /** It comes at the cursor, and replaces nothing. */
  readonly inserted?: boolean
}

/** What is offered where a name may stand. */
export interface KnownNames {
  readonly clients: readonly string[]
  readonly topics: readonly string[]
}

export interface TermPlace {
  readonly prefix: string
  /** A condition is complete before it. */
  readonly afterTerm: boolean
  /** It is inside of a bracket. */
  readonly open: boolean
  /** An operator follows: only a field can stand here. */
  readonly isField: boolean
}

export interface ValuePlace {
  readonly prefix: string
  readonly field: FieldName
  readonly operator: string
}

/** How many names are offered for a bare word. */
const mostNames = 6

const operatorDetails: Readonly<Record<Operator, string>> = {
  '=': 'is one of',
  '!=': 'is there and is none of',
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
  '~': 'contains, or fits a /regular expression/',
}

/** The operator that a field is most often asked with. */
const firstOperators: Readonly<Partial<Record<FieldName, Operator>>> = {
  payload: '~',
  qos: '>=',
  bytes: '>',
  code: '>=',
  number: '>=',
  time: '>=',
}

const examples: Readonly<Partial<Record<FieldName, readonly Offer[]>>> = {
  qos: [
    { text: '0', detail: 'at most once' },
    { text: '1', detail: 'at least once' },
    { text: '2', detail: 'exactly once' },
  ],
  id: [{ text: '1', detail: 'a Packet Identifier, 1 to 65535' }],
  bytes: [
    { text: '100', detail: 'octets, the fixed header included' },
    { text: '1000', detail: '' },
    { text: '65536', detail: '' },
  ],
  code: [
    { text: '0', detail: 'success, accepted, granted QoS 0' },
    { text: '0x80', detail: 'failure; in MQTT 5 all errors are 0x80 and more' },
    { text: '0x87', detail: 'not authorized' },
    { text: '0x8e', detail: 'session taken over' },
  ],
  number: [{ text: '1', detail: 'as the first column of the list says' }],
  conn: [{ text: '1', detail: 'connections are counted from 1' }],
  time: [
    { text: '10s', detail: 'ten seconds' },
    { text: '1.5min', detail: 'ninety seconds' },
    { text: '500ms', detail: 'half a second' },
  ],
}

export const closingBracket: Offer = { text: ')', detail: 'ends the bracket', inserted: true }
export const closingQuote: Offer = { text: '"', detail: 'ends the text', inserted: true }
const openingQuote: Offer = { text: '"', detail: 'a text in quotes', inserted: true }
export const patternEnds: Offer[] = [
  { text: '/', detail: 'ends the regular expression', inserted: true },
  { text: '/i', detail: 'ends it; capitals are small letters', inserted: true },
]

export function operatorOffers(field: FieldName): Offer[] {
  return fieldWords[field].operators.map((operator) => ({
    text: operator === '=' ? ':' : operator,
    detail: operatorDetails[operator],
    inserted: true,
  }))
}

export function termOffers({ prefix, afterTerm, open, isField }: TermPlace, known: KnownNames): Offer[] {
  const begun = prefix.toLowerCase()
  if (isField) {
    const fields = fieldNames.map((field) => ({ text: field, detail: fieldWords[field].detail }))
    return fields.filter(({ text }) => text.startsWith(begun))
  }
  const connectives = [
    { text: 'and ', detail: 'both; the same as nothing between' },
    { text: 'or ', detail: 'one of both' },
    ...(open && prefix === '' ? [closingBracket] : []),
  ]
  const words = [
    ...fieldNames.map((field) => ({ text: field + operatorFor(field), detail: fieldWords[field].detail })),
    ...flagNames.map((flag) => ({ text: flag, detail: flagDetails[flag] })),
    { text: 'not ', detail: 'what does not fit' },
    ...(prefix === '' ? [{ text: '(', detail: 'a condition in brackets' }] : []),
    ...(afterTerm ? connectives : []),
  ]
  return [
    ...words.filter(({ text }) => text.startsWith(begun)),
    ...(prefix.length < 2 ? [] : namedOffers(prefix, known)),
  ]
}

/** A bare word that begins like a type, or is part of a name, is offered as what it may mean. */
function namedOffers(prefix: string, known: KnownNames): Offer[] {
  return (['type', 'client', 'topic'] as const).flatMap((field) =>
    fitting(allValues(field, '=', known), prefix, field === 'type')
      .slice(0, mostNames)
      .map(({ text, detail }) => ({ text: `${field}:${text}`, detail })),
  )
}

export function valueOffers({ prefix, field, operator }: ValuePlace, known: KnownNames): Offer[] {
  const offers = fitting(allValues(field, operator, known), prefix)
  if (prefix !== '' || !isText(field)) return offers
  const pattern = { text: '/', detail: 'a regular expression, such as /off|on/i', inserted: true }
  return [...offers, openingQuote, ...(operator === '~' ? [pattern] : [])]
}

function allValues(field: FieldName, operator: string, known: KnownNames): Offer[] {
  const words = fieldWords[field]
  const names = (list: readonly string[], detail: string) =>
    [...new Set(list)].filter((name) => name !== '').map((name) => ({ text: writeText([name], operator), detail }))
  if (words.kind === 'choice')
    return words.choices.map((choice) => ({ text: writeText([choice], operator), detail: detailOf(choice) }))
  if (field === 'client') return names(known.clients, 'client')
  if (field === 'topic') {
    // Of Topic Filters that somebody subscribed to only those that are names: the others would mean something else here.
    return names(
      known.topics.filter((topic) => operator === '~' || !/[+#]/.test(topic)),
      'topic',
    )
  }
  return [...(examples[field] ?? [])]
}

function detailOf(choice: string): string {
  if (choice === 'client' || choice === 'broker') return `what the ${choice} sent`
  if (choice === 'event') return 'any event'
  return typeNames.indexOf(choice) > typeNames.indexOf('event') ? 'event' : 'packet'
}

/** Whether any text is a value of the field. */
export function isText(field: FieldName): boolean {
  const { kind } = fieldWords[field]
  return kind === 'glob' || kind === 'topic' || kind === 'payload'
}

/** Those that begin like that, then those that contain it. */
function fitting(offers: readonly Offer[], prefix: string, onlyBeginning = false): Offer[] {
  const begun = prefix.toLowerCase()
  const places = offers.map((offer) => ({ offer, at: offer.text.toLowerCase().replace(/^"/, '').indexOf(begun) }))
  const inside = onlyBeginning ? [] : places.filter(({ at }) => at > 0)
  return [...places.filter(({ at }) => at === 0), ...inside].map(({ offer }) => offer)
}

function operatorFor(field: FieldName): string {
  const operator = firstOperators[field] ?? '='
  return operator === '=' ? ':' : operator
}
