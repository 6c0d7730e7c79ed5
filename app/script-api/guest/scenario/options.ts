import { longestWait, milliseconds } from '../../duration.ts'
import { checkKeys, mistake, shown } from '../../mistake.ts'
import type { Given } from '../properties.ts'
import { integer } from '../properties.ts'

/** Whole numbers that can be, from 0. */
const most = Number.MAX_SAFE_INTEGER

/**
 * The options of a call, of which nothing is known but that they have no other names.
 *
 * @param call such as `toReceive(...)`
 * @throws FaultlineError `invalid-argument`
 */
export function optionsOf(given: unknown, known: readonly string[], call: string): Given {
  if (given === undefined) return {}
  checkKeys(given, known, call)
  return given as Given
}

/** A length of time that a timer can hold; milliseconds. */
export function timeOf(value: unknown, what: string): number {
  const ms = milliseconds(value, what)
  if (ms > longestWait) throw mistake(`${what} can be 24 days at most, not ${shown(value)}`)
  return ms
}

/** `within` and what else an option is: undefined where it is not given. */
export function optionalTime(value: unknown, what: string): number | undefined {
  return value === undefined ? undefined : timeOf(value, what)
}

export function wholeNumber(value: unknown, what: string, least = 0, greatest = most): number {
  return integer(least, greatest)(value, what, undefined)
}

export function optionalWhole(value: unknown, what: string, least = 0, greatest = most): number | undefined {
  return value === undefined ? undefined : wholeNumber(value, what, least, greatest)
}

export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw mistake(`${what} must be text, not ${shown(value)}`)
}

export function oneOf<const Word extends string>(value: unknown, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  throw mistake(`${what} must be one of ${words.map((word) => `'${word}'`).join(', ')}, not ${shown(value)}`)
}
