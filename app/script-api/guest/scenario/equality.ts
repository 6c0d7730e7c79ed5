import { mostLevels } from '../../../base/levels.ts'
import { mistake } from '../../mistake.ts'

/**
 * Deep equality as `toEqual` means it: the same kinds of things with the same parts; a cycle equals itself.
 *
 * @throws FaultlineError `invalid-argument` where they go on alike for more levels than may be compared
 */
export function isEqual(left: unknown, right: unknown, seen = new Map<object, object>(), level = 0): boolean {
  if (Object.is(left, right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (seen.get(left) === right) return true
  if (level === mostLevels) {
    throw mistake(
      `values that are nested more than ${mostLevels} levels deep cannot be compared; compare parts of them`,
    )
  }
  seen.set(left, right)
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false
  if (left instanceof Date && right instanceof Date) return Object.is(left.getTime(), right.getTime())
  if (left instanceof RegExp && right instanceof RegExp) return String(left) === String(right)
  if (left instanceof Error && right instanceof Error) return left.name === right.name && left.message === right.message
  if (left instanceof Map && right instanceof Map) return sameEntries(left, right, seen, level + 1)
  if (left instanceof Set && right instanceof Set)
    return left.size === right.size && [...left].every((each) => right.has(each))
  const a = partsOf(left)
  const b = partsOf(right)
  const names = Object.keys(a)
  if (Array.isArray(left) && Array.isArray(right) && left.length !== right.length) return false
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name], seen, level + 1))
  )
}

function sameEntries(
  left: Map<unknown, unknown>,
  right: Map<unknown, unknown>,
  seen: Map<object, object>,
  level: number,
): boolean {
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key), seen, level))
  )
}

/** A part that is undefined is as good as one that is not there. */
function partsOf(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined))
}
