import { FaultlineError } from '../base/errors.ts'

/** What a script did wrong with a sensor; `name` is the sensor's, such as `sine`. */
export function refused(name: string, why: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message: `sensor.${name}: ${why}` })
}

export function checkNumber(name: string, option: string, value: unknown): void {
  if (!Number.isFinite(value)) throw refused(name, `'${option}' must be a number, not ${show(value)}`)
}

export function checkNotNegative(name: string, option: string, value: unknown): void {
  if (!isAtLeast0(value)) throw refused(name, `'${option}' must be a number of at least 0, not ${show(value)}`)
}

/** A probability, or a part of a whole. */
export function checkShare(name: string, option: string, value: unknown): void {
  if (!isAtLeast0(value) || value > 1) {
    throw refused(name, `'${option}' must be a number from 0 to 1, not ${show(value)}`)
  }
}

export function checkAboveZero(name: string, option: string, value: unknown): void {
  if (!isAtLeast0(value) || value === 0) throw refused(name, `'${option}' must be above 0, not ${show(value)}`)
}

export function checkRange(name: string, { min, max }: { readonly min: number; readonly max: number }): void {
  checkNumber(name, 'min', min)
  checkNumber(name, 'max', max)
  checkOrder(name, min, max)
}

/** As `checkRange`, where a bound may be missing: then it is infinite. */
export function checkOpenRange(name: string, min: number, max: number): void {
  if (typeof min !== 'number' || Number.isNaN(min)) throw refused(name, `'min' must be a number, not ${show(min)}`)
  if (typeof max !== 'number' || Number.isNaN(max)) throw refused(name, `'max' must be a number, not ${show(max)}`)
  checkOrder(name, min, max)
}

export function checkChoice(name: string, option: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return
  const listed = choices.map((choice) => `'${choice}'`).join(', ')
  throw refused(name, `'${option}' must be one of ${listed}, not ${show(value)}`)
}

/** Anything with `next()` will do, so that a script can put in a source of its own. */
export function checkSource(name: string, source: unknown): void {
  const next = typeof source === 'object' && source !== null && 'next' in source ? source.next : undefined
  if (typeof next !== 'function') {
    throw refused(name, `needs a sensor to read, such as sensor.constant(20), not ${show(source)}`)
  }
}

function checkOrder(name: string, min: number, max: number): void {
  if (min > max) throw refused(name, `'min' ${min} is above 'max' ${max}`)
}

function isAtLeast0(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}
