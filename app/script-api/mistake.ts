import { closest } from '../base/closest.ts'
import { FaultlineError } from '../base/errors.ts'

/**
 * What a script did wrong, said so that its author can put it right.
 *
 * @param option the path of an option that the device's factory returned, such as `client.will.topic`: such a mistake is
 * found after the factory has returned, so no line of the script is on the stack, and the host looks for the option.
 */
export function mistake(message: string, option?: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message,
    details: option === undefined ? undefined : { option },
  })
}

/** How a value looks in a message about it: short, and never the whole of something big. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/**
 * @param what the name of an option, or a call such as `publish(...)`
 * @throws FaultlineError `invalid-argument` when `value` is not an object, or has a key that is not among `known`
 */
export function checkKeys(value: unknown, known: readonly string[], what: string, option?: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const subject = what.endsWith(')') ? `the options of ${what}` : what
    throw mistake(`${subject} must be an object, not ${shown(value)}`, option)
  }
  const code = (name: string) => `\`${name}\``
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const path = option === undefined ? undefined : `${option}.${key}`
    const meant = closest(key, known)
    const offer = meant === undefined ? `it has ${known.map(code).join(', ')}` : `did you mean ${code(meant)}?`
    throw mistake(`${/\s/.test(what) ? what : code(what)} has no option ${code(key)}; ${offer}`, path)
  }
}
