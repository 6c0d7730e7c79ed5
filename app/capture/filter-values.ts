import type { FieldName, FilterValue, Operator } from './filter-ast.ts'
import type { Token } from './filter-lexer.ts'
import { readPattern } from './filter-pattern.ts'
import { FilterProblem, quote } from './filter-problem.ts'
import { type FieldWords, fieldWords, timeUnits } from './filter-words.ts'

const patternFlags = 'imsu'

/**
 * Reads one value of a test.
 *
 * @param before the test up to here, as it was written, for the message
 * @throws FilterProblem
 */
export function readValue(token: Token, field: FieldName, operator: Operator, before: string): FilterValue {
  const words = fieldWords[field]
  const what = describe(words, operator)
  const { start, end } = token
  const refuse = (why: string, expected: readonly string[] = [what]) =>
    new FilterProblem(start, end - start, why, expected)
  if (token.kind === 'pattern') return checkPattern(token, refuse)
  if (token.kind !== 'word' && token.kind !== 'quoted') throw refuse(`expected ${what} after ${quote(before)}`)
  const text = token.pieces.join('*')
  const notThat = `expected ${what} after ${quote(before)}, not ${quote(text)}`
  switch (words.kind) {
    case 'choice': {
      const choice = words.choices.find((known) => known === text.toLowerCase().replaceAll('-', ' '))
      if (choice === undefined) throw refuse(notThat, words.choices)
      return { kind: 'text', pieces: [choice], start, end }
    }
    case 'number': {
      const number = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN
      if (!(number >= words.least && number <= words.most)) throw refuse(notThat)
      return { kind: 'number', number, start, end }
    }
    case 'time': {
      const number = readTime(text)
      if (number === undefined) throw refuse(notThat)
      return { kind: 'number', number, start, end }
    }
    case 'topic':
      if (operator !== '~') checkTopic(token.pieces, refuse)
      return { kind: 'text', pieces: token.pieces, start, end }
    case 'glob':
      return { kind: 'text', pieces: operator === '~' ? [text] : token.pieces, start, end }
    case 'payload':
      return { kind: 'text', pieces: [text], start, end }
  }
}

function describe(words: FieldWords, operator: Operator): string {
  switch (words.kind) {
    case 'choice':
      return words.what
    case 'number':
      return words.most > 255 ? 'a number' : `a number from ${words.least} to ${words.most}`
    case 'time':
      return 'a time such as 90s or 1.5min'
    default:
      return operator === '~' ? 'a text or a /regular expression/' : 'a text'
  }
}

type Refuse = (why: string, expected?: readonly string[]) => FilterProblem

function checkPattern(token: Token & { readonly kind: 'pattern' }, refuse: Refuse): FilterValue {
  const wrong = [...token.flags].find((flag, i) => !patternFlags.includes(flag) || token.flags.indexOf(flag) !== i)
  if (wrong !== undefined)
    throw refuse(`"${wrong}" cannot stand here: the flags are i, m, s and u, each once`, [...patternFlags])
  try {
    new RegExp(token.source, token.flags)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), ['a regular expression'])
  }
  readPattern(token.source, token.flags, token.start + 1)
  return token
}

/** @returns nanoseconds */
function readTime(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)([a-z]+)?$/i.exec(text) ?? []
  const factor = Object.hasOwn(timeUnits, unit.toLowerCase()) ? timeUnits[unit.toLowerCase()] : undefined
  return number === undefined || factor === undefined ? undefined : Math.round(Number(number) * factor)
}

function checkTopic(pieces: readonly string[], refuse: Refuse): void {
  if (pieces.length > 1) {
    throw refuse(
      '"*" is no wildcard of topics: use "+" for one level, "#" for all that follow, or topic~"text"; as a character it is "\\*" in quotes',
      ['a topic'],
    )
  }
  const levels = (pieces[0] ?? '').split('/')
  levels.forEach((level, i) => {
    if (level.includes('#') && (level !== '#' || i !== levels.length - 1)) {
      throw refuse('"#" must be the whole of the last level [MQTT-4.7.1-2]', ['a topic'])
    }
    if (level.includes('+') && level !== '+')
      throw refuse('"+" must be the whole of a level [MQTT-4.7.1-3]', ['a topic'])
  })
}
