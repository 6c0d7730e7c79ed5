import { FaultlineError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'

/** Who a template is filled in for, and its state between two messages. */
export interface TemplateContext {
  readonly id: string
  /** From 1. */
  readonly n: number
  /** Which message it is, from 1. */
  count: number
  /** Wall time in milliseconds since 1970. */
  now(): number
  readonly random: Random
  /** Values that go on from one message to the next, one for each `{walk ...}`; an empty list at first. */
  readonly walks: number[]
}

/** A text with placeholders, taken apart once and filled in for each message. */
export interface Template {
  readonly text: string
  /** It draws from `random`; one that does not needs none. */
  readonly draws: boolean
  fill(context: TemplateContext): string
}

type Part = string | ((context: TemplateContext) => string)

interface Placeholder {
  /** How it is written, for messages about it. */
  readonly form: string
  readonly draws: boolean
  /** Undefined where the arguments are wrong. */
  readonly make: (words: readonly string[], walk: number) => Part | undefined
  /** Octets of the longest text that can stand for it. */
  readonly longest: (words: readonly string[]) => number
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const longestText = 65_536
/** Octets of a template, and of the longest text that it can be filled in to. Thousands of clients keep such texts. */
const longestTemplate = 262_144
/** Characters of an id: as many as a file's name has, and a number. */
export const longestId = 264
/** A sign, 21 digits, a point and 20 decimals: beyond 10^21, `toFixed` writes an exponent. */
const longestNumber = 43

const placeholders: Readonly<Record<string, Placeholder>> = {
  id: plain('{id}', longestId, ({ id }) => id),
  n: plain('{n}', 16, ({ n }) => String(n)),
  count: plain('{count}', 16, ({ count }) => String(count)),
  time: plain('{time}', 27, (context) => new Date(context.now()).toISOString()),
  ms: plain('{ms}', 17, (context) => String(Math.floor(context.now()))),
  int: {
    form: '{int MIN MAX}',
    draws: true,
    make(words) {
      const [min, max] = numbers(words, 2, 2) ?? []
      if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || Number(min) > Number(max)) return undefined
      return ({ random }) => String(random.integer(Number(min), Number(max)))
    },
    longest: () => longestNumber,
  },
  float: {
    form: '{float MIN MAX [DECIMALS]}',
    draws: true,
    make(words) {
      const [min = 0, max = -1, decimals = 2] = numbers(words, 2, 3) ?? []
      if (min > max || !isDecimals(decimals)) return undefined
      return ({ random }) => (min + (max - min) * random.next()).toFixed(decimals)
    },
    longest: () => longestNumber,
  },
  walk: {
    form: '{walk START STEP MIN MAX [DECIMALS]}',
    draws: true,
    make(words, walk) {
      const [start = 0, step = 0, min = 0, max = -1, decimals = 2] = numbers(words, 4, 5) ?? []
      if (!(min <= start && start <= max) || step < 0 || !isDecimals(decimals)) return undefined
      return ({ random, walks }) => {
        const value = walks[walk]
        const next = value === undefined ? start : value + step * (random.next() * 2 - 1)
        walks[walk] = Math.min(max, Math.max(min, next))
        return (walks[walk] as number).toFixed(decimals)
      }
    },
    longest: () => longestNumber,
  },
  pick: {
    form: '{pick WORD WORD ...}',
    draws: true,
    make: (words) =>
      words.length === 0 ? undefined : ({ random }) => words[random.integer(0, words.length - 1)] as string,
    longest: (words) => Math.max(...words.map(utf8Length)),
  },
  text: {
    form: '{text LENGTH}',
    draws: true,
    make(words) {
      const [length = -1] = numbers(words, 1, 1) ?? []
      if (!Number.isInteger(length) || length < 0 || length > longestText) return undefined
      return ({ random }) => {
        let text = ''
        while (text.length < length) text += letters[random.integer(0, letters.length - 1)]
        return text
      }
    },
    longest: ([length]) => Number(length),
  },
}

/**
 * Reads a payload template: any text, in which `{id}`, `{n}`, `{count}`, `{time}` (ISO 8601), `{ms}`, `{int MIN MAX}`,
 * `{float MIN MAX [DECIMALS]}`, `{walk START STEP MIN MAX [DECIMALS]}`, `{pick WORD WORD ...}` and `{text LENGTH}` stand
 * for values. A brace that no letter follows is itself, so JSON needs no care; `{{` is one brace before a letter.
 *
 * A template, and the longest text that it can be filled in to, has 256 KiB at most.
 *
 * @param what is named in errors
 * @throws FaultlineError `invalid-argument` for a placeholder that there is not, or whose arguments are wrong; for what can be too long
 */
export function readTemplate(text: string, what: string): Template {
  return compile(text, what, Object.keys(placeholders))
}

/** As `readTemplate`, for a Topic Name or a Client Identifier: `{id}` and `{n}` only. */
export function readNameTemplate(text: string, what: string): Template {
  return compile(text, what, ['id', 'n'])
}

/** Fills in a template with nothing but `{id}` and `{n}`. */
export function fillName(template: Template, id: string, n: number): string {
  return template.fill({ id, n, count: 0, now: noValue, random: noRandom, walks: [] })
}

function compile(text: string, what: string, known: readonly string[]): Template {
  const own = utf8Length(text)
  if (own > longestTemplate) throw tooLong(what, own)
  const parts: Part[] = []
  let longest = own
  let draws = false
  let walks = 0
  let from = 0
  for (const match of text.matchAll(/\{\{(?=[a-z])|\{([a-z]+)((?: [^{}]*)?)\}/g)) {
    parts.push(text.slice(from, match.index))
    from = match.index + match[0].length
    const [whole, name, words = ''] = match
    if (name === undefined) {
      parts.push('{')
      continue
    }
    const placeholder = known.includes(name) ? placeholders[name] : undefined
    if (placeholder === undefined) throw wrong(what, `has ${whole}, which stands for nothing`, known)
    const given = words.split(' ').filter(Boolean)
    const part = placeholder.make(given, walks)
    if (part === undefined) throw wrong(what, `has ${whole}, which should be ${placeholder.form}`, known)
    longest += placeholder.longest(given) - utf8Length(whole)
    if (name === 'walk') walks++
    draws ||= placeholder.draws
    parts.push(part)
  }
  if (longest > longestTemplate) throw tooLong(what, longest)
  parts.push(text.slice(from))
  const used = parts.filter((part) => part !== '')
  return { text, draws, fill: filler(used) }
}

function filler(parts: readonly Part[]): Template['fill'] {
  if (parts.every((part) => typeof part === 'string')) {
    const text = parts.join('')
    return () => text
  }
  return (context) => {
    let filled = ''
    for (const part of parts) filled += typeof part === 'string' ? part : part(context)
    return filled
  }
}

function plain(form: string, longest: number, value: (context: TemplateContext) => string): Placeholder {
  return { form, draws: false, make: (words) => (words.length === 0 ? value : undefined), longest: () => longest }
}

function numbers(words: readonly string[], least: number, most: number): number[] | undefined {
  const values = words.map(Number)
  return words.length >= least && words.length <= most && values.every(Number.isFinite) ? values : undefined
}

function isDecimals(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 20
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

function tooLong(what: string, octets: number): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `${what} can have ${octets.toLocaleString('en-US')} octets; ${longestTemplate.toLocaleString('en-US')} is the most`,
  })
}

function wrong(what: string, problem: string, known: readonly string[]): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `${what} ${problem}; there is ${known.map((name) => placeholders[name]?.form).join(', ')}`,
    hint: 'a brace that is meant as such is written twice where a letter follows it',
  })
}

const noValue = () => 0
const noRandom: Random = { next: noValue, integer: noValue, normal: noValue }
