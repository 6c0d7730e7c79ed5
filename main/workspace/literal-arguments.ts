import { messageOf } from '../../app/base/errors.ts'
import { parseFilter } from '../../app/capture/filter.ts'
import { readStep } from '../../app/scenario/exchange-steps.ts'
import { checkTopicFilter, checkTopicName } from '../../app/script-api/topics.ts'
import { tokensOf } from './script-tokens.ts'
import { writtenText, wrongText } from './written-text.ts'

/** Text or a number that is written out in a call, which the function of that name would refuse. */
export interface LiteralArgument {
  /** Indices of the text: of the name of the function, and after its last character. */
  readonly start: number
  readonly end: number
  readonly name: string
  /** What has to have that function, by the names of its types: others may take anything. */
  readonly of: readonly string[]
  /** Index of what is wrong. */
  readonly at: number
  readonly message: string
}

interface Reader {
  readonly of: readonly string[]
  /** Whether each argument is such a one; otherwise the first alone, which may be a list. */
  readonly each?: boolean
  readonly kind: 'string' | 'number'
  /** Whether parts of it say what is wrong with the whole: those of a template. */
  readonly parts?: boolean
  /** What is wrong with it. */
  readonly wrong: (value: string) => string | undefined
}

const client = ['ScenarioClient']
const filter: Omit<Reader, 'of'> = {
  kind: 'string',
  parts: true,
  wrong: (text) => refusedBy(() => checkTopicFilter(text, 'the topic filter')),
}

/** By the same rules as when it runs; of what a device or the broker would say of it nothing is known before. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['toShow', { of: ['ExchangeExpectations'], each: true, kind: 'string', wrong: noStep }],
  ['ofTopic', { of: ['ExchangeResult'], ...filter }],
  ['toHaveSubscription', { of: ['SessionExpectations'], ...filter }],
  ['subscribe', { of: client, ...filter }],
  ['unsubscribe', { of: client, ...filter }],
  ['publish', { of: [...client, 'BrokerHandle'], kind: 'string', parts: true, wrong: noTopic }],
  ['hold', { of: ['WireHandle'], kind: 'string', wrong: noFilter }],
  ['speed', { of: ['WireHandle'], kind: 'number', wrong: outside('the factor of speed', 0.01) }],
  ['loss', { of: ['LinkHandle'], kind: 'number', wrong: outside('the chance of loss', 0) }],
])

/** It goes by tokens: whose function it is, the types have to tell. */
export function literalArguments(text: string): LiteralArgument[] {
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== 'comment')
  const textOf = (at: number) => {
    const token = tokens[at]
    return token === undefined || token.end - token.start > 1000 ? '' : text.slice(token.start, token.end)
  }
  return tokens.flatMap((name, at) => {
    const reader = name.kind === 'other' ? readers.get(textOf(at)) : undefined
    if (reader === undefined || textOf(at - 1) !== '.' || textOf(at + 1) !== '(') return []
    const { end, start } = name
    const told = { start, end, name: textOf(at), of: reader.of }
    if (reader.kind === 'number') {
      const [written = '', value = ''] = numberIn(text, tokens[at + 1]?.end ?? end)
      const message = value === '' ? undefined : reader.wrong(value)
      const from = (tokens[at + 1]?.end ?? end) + written.length - value.length
      return message === undefined ? [] : [{ ...told, at: from, message }]
    }
    const inList = textOf(at + 2) === '['
    const several = reader.each === true || inList
    const found: LiteralArgument[] = []
    // One after the other, as long as nothing else is between them.
    for (let next = at + (inList ? 3 : 2); ; ) {
      const written = writtenText(text, tokens, next)
      const after = written?.after ?? next + 1
      if (!/^[,)\]]$/.test(textOf(after))) break
      const message =
        written === undefined || (written.values.length > 1 && reader.parts !== true)
          ? undefined
          : wrongText(written, reader.wrong)
      if (message !== undefined) found.push({ ...told, at: tokens[next]?.start ?? start, message })
      if (!several || textOf(after) !== ',') break
      next = after + 1
    }
    return found
  })
}

/** The first argument, if it is a number as most people write one. */
function numberIn(text: string, from: number): readonly string[] {
  const pattern = /\s*(\d+(?:\.\d+)?)(?=\s*[,)])/y
  pattern.lastIndex = from
  return pattern.exec(text) ?? []
}

function refusedBy(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function noStep(text: string): string | undefined {
  const read = readStep(text)
  return 'problem' in read ? `'${text}' ${read.problem}` : undefined
}

/** Without a name it may be that of a Topic Alias. */
function noTopic(text: string): string | undefined {
  return text === '' ? undefined : refusedBy(() => checkTopicName(text, 'the topic'))
}

function noFilter(text: string): string | undefined {
  const read = parseFilter(text)
  return 'error' in read ? `the filter '${text}' cannot be read: ${read.error.message}` : undefined
}

function outside(what: string, least: number): Reader['wrong'] {
  return (text) => {
    const value = Number(text)
    return value >= least && value <= 1 ? undefined : `${what} must be a number from ${least} to 1, not ${text}`
  }
}
