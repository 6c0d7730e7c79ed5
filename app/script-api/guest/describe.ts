import { FaultlineError } from '../../base/errors.ts'
import { isTooDeep } from '../../base/levels.ts'
import type { Thrown } from '../crossing.ts'
import { ConnectionLostError } from './errors.ts'

/** What a script threw, in words. Anything can be thrown, and an error's properties can be anything. */
export function describe(reason: unknown): Thrown {
  if (!(reason instanceof Error)) return { message: `threw ${formatOne(reason).slice(0, 200)}`, name: '', lost: false }
  const description: Thrown = {
    message: String(reason.message),
    name: String(reason.name),
    lost: ConnectionLostError.is(reason),
  }
  if (typeof reason.stack === 'string') description.stack = reason.stack
  const option = reason instanceof FaultlineError ? reason.details?.['option'] : undefined
  if (typeof option === 'string') description.option = option
  return description
}

/** One line of the console from the arguments of `log`. */
export function format(values: readonly unknown[]): string {
  return values.map(formatOne).join(' ')
}

function formatOne(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`
  if (value instanceof Uint8Array) return `[${value.length} octets]`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return withoutJson(value)
  }
}

/** A value that JSON cannot show, such as a bigint, or what goes in a circle. */
export function withoutJson(value: unknown): string {
  // String goes through all the lists that lie in one another.
  return Array.isArray(value) && isTooDeep(value) ? '[a list that is nested too deep to be shown]' : String(value)
}
