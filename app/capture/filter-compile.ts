import type { FilterNode, FilterTest, FilterValue, FlagName, Operator } from './filter-ast.ts'
import { containsOctets, globMatcher, sameOctets, topicMatcher } from './filter-match.ts'
import { PatternMatcher } from './filter-pattern-match.ts'
import type { FilterSubject } from './filter-subject.ts'
import { packetTypeNames } from './filter-words.ts'

/** What a test costs, in steps of about ten: the fixed header, a name that is looked up, the fields, the payload. */
const cost = { header: 1, name: 10, fields: 100, payload: 1000 } as const

interface Compiled {
  readonly cost: number
  matches(subject: FilterSubject): boolean
}

/** As much as a Topic Name or a Client Identifier can have at most; see filter-parser.ts. */
const mostPatternOctets = 0x10000

const utf8 = new TextEncoder()
const utf8Text = new TextDecoder('utf-8', { ignoreBOM: true })

export function compile(node: FilterNode): (subject: FilterSubject) => boolean {
  return compileNode(node).matches
}

function compileNode(node: FilterNode): Compiled {
  switch (node.kind) {
    case 'everything':
      return { cost: 0, matches: () => true }
    case 'and':
    case 'or':
      return combine(node.kind, node.parts.map(compileNode))
    case 'not': {
      const { matches, cost } = compileNode(node.part)
      return { cost, matches: (subject) => !matches(subject) }
    }
    case 'flag':
      return compileFlag(node.flag)
    case 'text':
      return compileText(node.text)
    case 'test':
      return compileTest(node)
  }
}

/** The cheapest come first: the order of tests changes the cost, and never the answer. */
function combine(kind: 'and' | 'or', parts: readonly Compiled[]): Compiled {
  const sorted = [...parts].sort((a, b) => a.cost - b.cost)
  const tests = sorted.map((part) => part.matches)
  const total = sorted.reduce((sum, part) => sum + part.cost, 0)
  const decisive = kind === 'or'
  return {
    cost: total,
    matches: (subject) => {
      for (const test of tests) if (test(subject) === decisive) return decisive
      return !decisive
    },
  }
}

function compileFlag(flag: FlagName): Compiled {
  switch (flag) {
    case 'dup':
      return { cost: cost.header, matches: (subject) => (subject.publishFlags & 8) !== 0 }
    case 'retain':
      return { cost: cost.header, matches: (subject) => (subject.publishFlags & 1) !== 0 }
    case 'malformed':
      return { cost: cost.header, matches: ({ record }) => record.kind === 'packet' && record.malformed !== false }
    case 'event':
      return { cost: cost.header, matches: ({ record }) => record.kind === 'event' }
    case 'will':
      return {
        cost: cost.header,
        matches: ({ record }) =>
          record.kind === 'event'
            ? record.event.type === 'will published' || record.event.type === 'will dropped'
            : record.malformed === false && record.origin?.kind === 'will',
      }
    case 'session-present':
      return { cost: cost.fields, matches: (subject) => subject.type === 2 && subject.summary?.sessionPresent === true }
    case 'clean-session':
    case 'clean-start':
      return { cost: cost.fields, matches: (subject) => subject.type === 1 && subject.summary?.clean === true }
  }
}

function compileText(text: string): Compiled {
  const octets = utf8.encode(text)
  const contains = (candidate: string) => candidate.includes(text)
  return {
    cost: cost.payload,
    matches: (subject) =>
      (subject.client?.includes(text) ?? false) ||
      subject.hasTopic(contains) ||
      (subject.payload !== undefined && containsOctets(subject.payload, octets)),
  }
}

function compileTest(test: FilterTest): Compiled {
  switch (test.field) {
    case 'type':
      return { cost: cost.header, matches: typeTest(test) }
    case 'from': {
      const directions = test.values.map((value) => (textOf(value) === 'client' ? 'to broker' : 'to client'))
      const wanted = test.operator === '='
      return {
        cost: cost.header,
        matches: ({ record }) => record.kind === 'packet' && directions.includes(record.direction) === wanted,
      }
    }
    case 'client': {
      const fits = textTest(test, (value) => globMatcher(value.pieces))
      return { cost: cost.name, matches: ({ client }) => client !== undefined && fits(client) }
    }
    case 'topic': {
      const fits = textTest(test, (value) => topicMatcher(value.pieces.join('*')))
      return { cost: cost.fields, matches: (subject) => subject.hasTopic(fits) }
    }
    case 'payload': {
      const fits = payloadTest(test)
      return { cost: cost.payload, matches: ({ payload }) => payload !== undefined && fits(payload) }
    }
    default:
      return numberTest(test)
  }
}

function typeTest({ values, operator }: FilterTest): Compiled['matches'] {
  const names = values.map(textOf)
  const packets = packetTypeNames.map((name) => name !== '' && names.includes(name))
  const anyEvent = names.includes('event')
  const wanted = operator === '='
  return ({ record, packet, type }) => {
    if (record.kind === 'event') return (anyEvent || names.includes(record.event.type)) === wanted
    return packet !== undefined && type > 0 && packets[type] === wanted
  }
}

function numberTest(test: FilterTest): Compiled {
  const fits = comparison(test.operator, test.values.map(numberOf))
  const { header, fields } = cost
  const maybe = (value: number | undefined) => value !== undefined && fits(value)
  switch (test.field) {
    case 'qos':
      return { cost: header, matches: ({ qos }) => maybe(qos) }
    case 'id':
      return { cost: fields, matches: ({ summary }) => maybe(summary?.packetId) }
    case 'code':
      return { cost: fields, matches: (subject) => subject.hasCode(fits) }
    case 'bytes':
      return { cost: header, matches: ({ record }) => record.kind === 'packet' && fits(record.length) }
    case 'number':
      return { cost: header, matches: ({ record }) => fits(record.number) }
    case 'conn':
      // 0 is none.
      return { cost: header, matches: ({ record }) => maybe(record.connection || undefined) }
    default:
      return { cost: header, matches: ({ record }) => fits(record.time) }
  }
}

function comparison(operator: Operator, numbers: readonly number[]): (value: number) => boolean {
  const one = numbers[0] ?? 0
  switch (operator) {
    case '<':
      return (value) => value < one
    case '<=':
      return (value) => value <= one
    case '>':
      return (value) => value > one
    case '>=':
      return (value) => value >= one
    case '!=':
      return (value) => !numbers.includes(value)
    default:
      return (value) => numbers.includes(value)
  }
}

type TextValue = FilterValue & { readonly kind: 'text' }

/** Whether a text fits any of the values, or with `!=` none of them. */
function textTest(
  test: FilterTest,
  equals: (value: TextValue) => (text: string) => boolean,
): (text: string) => boolean {
  const tests = test.values.map((value): ((text: string) => boolean) => {
    if (value.kind === 'pattern') {
      const pattern = new PatternMatcher(value.source, value.flags)
      return (text) => pattern.test(text)
    }
    if (test.operator !== '~' && value.kind === 'text') return equals(value)
    const part = textOf(value)
    return (text) => text.includes(part)
  })
  return anyOf(tests, test.operator)
}

function payloadTest(test: FilterTest): (payload: Uint8Array) => boolean {
  const tests = test.values.map((value): ((payload: Uint8Array) => boolean) => {
    if (value.kind === 'pattern') {
      const pattern = new PatternMatcher(value.source, value.flags)
      return (payload) => pattern.test(utf8Text.decode(payload.subarray(0, patternEnd(payload))))
    }
    const octets = utf8.encode(textOf(value))
    return test.operator === '~'
      ? (payload) => containsOctets(payload, octets)
      : (payload) => sameOctets(payload, octets)
  })
  return anyOf(tests, test.operator)
}

/** Where the part of a payload ends that patterns see: not in the middle of a character. */
function patternEnd(payload: Uint8Array): number {
  if (payload.length <= mostPatternOctets) return payload.length
  let end = mostPatternOctets
  // The octets of a character after its first one are 10xxxxxx, and at most three.
  while (end > mostPatternOctets - 3 && ((payload[end] as number) & 0xc0) === 0x80) end--
  return end
}

function anyOf<T>(tests: readonly ((value: T) => boolean)[], operator: Operator): (value: T) => boolean {
  const [only] = tests
  if (tests.length === 1 && only !== undefined && operator !== '!=') return only
  const wanted = operator !== '!='
  return (value) => tests.some((test) => test(value)) === wanted
}

function textOf(value: FilterValue): string {
  return value.kind === 'text' ? value.pieces.join('*') : ''
}

function numberOf(value: FilterValue): number {
  return value.kind === 'number' ? value.number : Number.NaN
}
