import { FaultlineError } from '../../base/errors.ts'
import { mostLevels } from '../../base/levels.ts'
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

/** Never throws: a line of the console is no reason for a script to fail. */
function formatOne(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`
    if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`
    if (value instanceof Uint8Array) return `[${value.length} octets]`
    return JSON.stringify(value) ?? String(value)
  } catch {
    return withoutJson(value)
  }
}

/** So many parts of lists are shown where JSON cannot show them. */
const mostParts = 1000

/** A value that JSON cannot show, such as a bigint, or what goes in a circle. Never throws, whatever the value does. */
export function withoutJson(value: unknown): string {
  let left = mostParts
  return textOf(value, [])

  /** @param around the lists that it lies in */
  function textOf(part: unknown, around: readonly unknown[]): string {
    try {
      if (!Array.isArray(part)) return String(part)
      if (around.includes(part)) return '[circular]'
      return around.length === mostLevels ? '[nested too deep to be shown]' : partsOf(part, [...around, part])
    } catch {
      return '[something that cannot be shown]'
    }
  }

  /** As String has it, which goes through all the lists that lie in one another, however many times each of them does. */
  function partsOf(list: readonly unknown[], around: readonly unknown[]): string {
    const texts: string[] = []
    for (const part of list) {
      // It has been cut off further in.
      if (left < 0) break
      left -= 1
      if (left < 0) texts.push('…')
      else texts.push(part === undefined || part === null ? '' : textOf(part, around))
    }
    return texts.join()
  }
}
