import type { ValueExpectations } from 'faultline'
import { mistake, shown } from '../../mistake.ts'
import { withoutJson } from '../describe.ts'
import { isEqual } from './equality.ts'

/** What a matcher says of a value: whether it fits, and what was expected, in words. */
export interface Judgement {
  readonly held: boolean
  readonly expected: string
}

export type Matcher = 'toBe' | 'toEqual' | 'toBeGreaterThan' | 'toBeLessThan' | 'toContain' | 'toMatch'
export type Judge = (value: unknown) => Judgement

/** How long a value may be in a report. */
const longest = 500

/**
 * Each takes what is expected and gives what judges a value; a mistake in what is expected is found at once.
 */
export const judges: Readonly<Record<Matcher, (expected: unknown) => Judge>> = {
  toBe: (expected) => (value) => ({ held: Object.is(value, expected), expected: showValue(expected) }),
  toEqual: (expected) => (value) => ({ held: isEqual(value, expected), expected: showValue(expected) }),
  toBeGreaterThan(bound) {
    const checked = boundOf(bound, 'toBeGreaterThan')
    return (value) => ({ held: typeof value === 'number' && value > checked, expected: `more than ${checked}` })
  },
  toBeLessThan(bound) {
    const checked = boundOf(bound, 'toBeLessThan')
    return (value) => ({ held: typeof value === 'number' && value < checked, expected: `less than ${checked}` })
  },
  toContain: (part) => (value) => ({
    held: contains(value, part),
    expected: `something with ${showValue(part)} in it`,
  }),
  toMatch(expression) {
    if (!(expression instanceof RegExp)) throw mistake(`toMatch needs a regular expression, not ${shown(expression)}`)
    return (value) => ({
      // `search` looks from the beginning whatever the expression has matched before.
      held: typeof value === 'string' && value.search(expression) >= 0,
      expected: `text that ${expression} matches`,
    })
  },
} satisfies Readonly<Record<keyof ValueExpectations<unknown>, (expected: unknown) => Judge>>

function boundOf(bound: unknown, matcher: Matcher): number {
  if (typeof bound === 'number' && !Number.isNaN(bound)) return bound
  throw mistake(`${matcher} needs a number, not ${shown(bound)}`)
}

function contains(value: unknown, part: unknown): boolean {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part)
  if (Array.isArray(value)) return value.some((item) => isEqual(item, part))
  if (value instanceof Uint8Array) return typeof part === 'number' && value.includes(part)
  return value instanceof Set && value.has(part)
}

/** As somebody would write it, and never the whole of something big. */
export function showValue(value: unknown): string {
  const text = written(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function written(value: unknown): string {
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof RegExp) return String(value)
  if (value instanceof Uint8Array)
    return `octets ${[...value.slice(0, 64)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')}`
  if (value instanceof Map) return `Map ${written([...value])}`
  if (value instanceof Set) return `Set ${written([...value])}`
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`
  if (typeof value === 'bigint') return `${value}n`
  try {
    // JSON has no form for these numbers.
    const parts = (_key: string, part: unknown) =>
      typeof part === 'number' && !Number.isFinite(part) ? String(part) : part
    return typeof value === 'number' ? String(value) : (JSON.stringify(value, parts) ?? String(value))
  } catch {
    return withoutJson(value)
  }
}
