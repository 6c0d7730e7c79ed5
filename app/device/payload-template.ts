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
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const longestText = 65_536

const placeholders: Readonly<Record<string, Placeholder>> = {
  id: plain('{id}', ({ id }) => id),
  n: plain('{n}', ({ n }) => String(n)),
  count: plain('{count}', ({ count }) => String(count)),
  time: plain('{time}', (context) => new Date(context.now()).toISOString()),
  ms: plain('{ms}', (context) => String(Math.floor(context.now()))),
  int: {
    form: '{int MIN MAX}',
    draws: true,
    make(words) {
      const [min, max] = numbers(words, 2, 2) ?? []
      if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || Number(min) > Number(max)) return undefined
      return ({ random }) => String(random.integer(Number(min), Number(max)))
    },
  },
  float: {
    form: '{float MIN MAX [DECIMALS]}',
    draws: true,
    make(words) {
      const [min = 0, max = -1, decimals = 2] = numbers(words, 2, 3) ?? []
      if (min > max || !isDecimals(decimals)) return undefined
      return ({ random }) => (min + (max - min) * random.next()).toFixed(decimals)
    },
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
  },
  pick: {
    form: '{pick WORD WORD ...}',
    draws: true,
    make: (words) =>
      words.length === 0 ? undefined : ({ random }) => words[random.integer(0, words.length - 1)] as string,
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
  },
}

/**
 * Reads a payload template: any text, in which `{id}`, `{n}`, `{count}`, `{time}` (ISO 8601), `{ms}`, `{int MIN MAX}`,
 * `{float MIN MAX [DECIMALS]}`, `{walk START STEP MIN MAX [DECIMALS]}`, `{pick WORD WORD ...}` and `{text LENGTH}` stand
 * for values. A brace that no letter follows is itself, so JSON needs no care; `{{` is one brace before a letter.
 *
 * @param what is named in errors
 * @throws FaultlineError `invalid-argument` for a placeholder that there is not, or whose arguments are wrong
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
  const parts: Part[] = []
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
    const part = placeholder.make(words.split(' ').filter(Boolean), walks)
    if (part === undefined) throw wrong(what, `has ${whole}, which should be ${placeholder.form}`, known)
    if (name === 'walk') walks++
    draws ||= placeholder.draws
    parts.push(part)
  }
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

function plain(form: string, value: (context: TemplateContext) => string): Placeholder {
  return { form, draws: false, make: (words) => (words.length === 0 ? value : undefined) }
}

function numbers(words: readonly string[], least: number, most: number): number[] | undefined {
  const values = words.map(Number)
  return words.length >= least && words.length <= most && values.every(Number.isFinite) ? values : undefined
}

function isDecimals(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 20
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
