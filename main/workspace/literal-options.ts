import { messageOf } from '../../app/base/errors.ts'
import { checkTopicFilter, checkTopicName } from '../../app/script-api/topics.ts'
import { tokensOf } from './script-tokens.ts'
import { type WrittenText, writtenText, wrongText } from './written-text.ts'

/** An option with text or a number written out, which what takes it would refuse. */
export interface LiteralOption {
  /** Indices of the text: of its name, and after that. */
  readonly start: number
  readonly end: number
  readonly name: string
  /** What is wrong with it where it is one of these types; the first that fits counts. */
  readonly told: readonly { readonly of: RegExp; readonly message: string }[]
  /** Index of what is wrong. */
  readonly at: number
}

interface Rule {
  /** The types of the script API whose option it is. */
  readonly of: RegExp
  readonly wrong: (value: string) => string | undefined
}

const which = /\bWhich\b/
const often = /\bHowOften\b/

/** By the same rules as when it runs. */
const texts: ReadonlyMap<string, readonly Rule[]> = new Map([
  [
    'topic',
    [
      { of: /\b(?:MessagePattern|Which)\b/, wrong: refused((text) => checkTopicFilter(text, 'the topic')) },
      { of: /\bWill\b/, wrong: refused((text) => checkTopicName(text, "the will's topic")) },
    ],
  ],
  [
    'responseTopic',
    [
      {
        of: /\b(?:Will|PublishOptions|MessageProperties)\b/,
        wrong: refused((text) => checkTopicName(text, 'responseTopic')),
      },
    ],
  ],
])

const numbers: ReadonlyMap<string, readonly Rule[]> = new Map([
  ['probability', [{ of: which, wrong: outside('probability', 0, 1) }]],
  ['nth', [{ of: which, wrong: whole('nth', 1) }]],
  ['times', [{ of: /\bWhich\b|\btimes\?: number/, wrong: whole('times', 1) }]],
  ['packetId', [{ of: which, wrong: whole('packetId', 1, 65_535) }]],
  ['copies', [{ of: which, wrong: whole('copies', 2, 100) }]],
  ['octets', [{ of: which, wrong: whole('octets', 1) }]],
  ['exactly', [{ of: often, wrong: exactly }]],
  ['atLeast', [{ of: often, wrong: whole('atLeast', 1) }]],
])

/** It goes by tokens: whose option it is, the types have to tell. */
export function literalOptions(text: string): LiteralOption[] {
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== 'comment')
  const textOf = (at: number) => {
    const token = tokens[at]
    return token === undefined || token.end - token.start > 100 ? '' : text.slice(token.start, token.end)
  }
  return tokens.flatMap(({ end, start }, at) => {
    const name = textOf(at).replace(/^(['"])(.*)\1$/, '$2')
    const ofText = texts.get(name)
    const ofNumber = numbers.get(name)
    if ((ofText ?? ofNumber) === undefined || textOf(at + 1) !== ':' || !/^[{,]$/.test(textOf(at - 1))) return []
    const value = tokens[at + 2]?.start ?? end
    const written = ofText === undefined ? numberAt(text, value) : writtenText(text, tokens, at + 2)
    // More may follow what is written out, such as `+ id`.
    if (written === undefined || (written.after > 0 && !/^[,}]$/.test(textOf(written.after)))) return []
    const told = (ofText ?? ofNumber ?? []).flatMap(({ of, wrong }) => {
      const message = wrongText(written, wrong)
      return message === undefined ? [] : [{ of, message }]
    })
    return told.length === 0 ? [] : [{ start, end, name, told, at: value }]
  })
}

/** A number as most people write one, if it is the whole value. */
function numberAt(text: string, from: number): WrittenText | undefined {
  const pattern = /-?\d+(?:\.\d+)?(?=\s*[,}])/y
  pattern.lastIndex = from
  const written = pattern.exec(text)?.[0]
  return written === undefined ? undefined : { after: 0, values: [written] }
}

function refused(check: (text: string) => unknown): Rule['wrong'] {
  return (text) => {
    try {
      check(text)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }
}

function outside(what: string, least: number, greatest: number): Rule['wrong'] {
  return (text) => {
    const value = Number(text)
    return value >= least && value <= greatest
      ? undefined
      : `${what} must be a number from ${least} to ${greatest}, not ${text}`
  }
}

function whole(what: string, least: number, greatest = Number.MAX_SAFE_INTEGER): Rule['wrong'] {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= greatest) return undefined
    const bounds = greatest === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${greatest}`
    return `${what} must be a whole number ${bounds}, not ${text}`
  }
}

function exactly(text: string): string | undefined {
  return Number(text) === 0 ? 'exactly must be at least 1; write never: true for none' : whole('exactly', 1)(text)
}
