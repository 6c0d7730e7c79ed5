import type { Random } from '../base/random.ts'
import { checkNotNegative, checkNumber, checkOpenRange, checkRange, refused } from './signals-checks.ts'

/** A source of values over time. Undefined is a sample that was lost. */
export interface Signal<T extends number | undefined = number> {
  next(): T
}

/** @throws FaultlineError `invalid-argument` when `value` is not a finite number. */
export function constant(value: number): Signal {
  checkNumber('constant', 'value', value)
  return { next: () => value }
}

export interface UniformOptions {
  readonly min: number
  readonly max: number
}

/**
 * All values between `min` and `max` are equally likely.
 *
 * @throws FaultlineError `invalid-argument` when a bound is not a finite number or `min` is above `max`.
 */
export function uniform(random: Random, options: UniformOptions): Signal {
  checkRange('uniform', options)
  const { min, max } = options
  return { next: () => between(min, max, random.next()) }
}

export interface NormalOptions {
  readonly mean: number
  /** The standard deviation; at least 0. */
  readonly deviation: number
}

/**
 * Normally distributed.
 *
 * @throws FaultlineError `invalid-argument` when an option is not a finite number or `deviation` is negative.
 */
export function normal(random: Random, options: NormalOptions): Signal {
  const { mean, deviation } = options
  checkNumber('normal', 'mean', mean)
  checkNotNegative('normal', 'deviation', deviation)
  return { next: () => mean + deviation * random.normal() }
}

export interface RandomWalkOptions {
  readonly start: number
  /** The most that one value differs from the one before; at least 0. */
  readonly step: number
  readonly min?: number
  readonly max?: number
}

/**
 * Wanders: the first value is `start`, each later one is the one before plus or minus up to `step`. A step over `min` or
 * `max` is reflected, so that the walk does not stick to its bounds.
 *
 * @throws FaultlineError `invalid-argument` when an option is not a finite number, `step` is negative, or `start` is
 * outside of `min` and `max`.
 */
export function randomWalk(random: Random, options: RandomWalkOptions): Signal {
  const { start, step, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options
  checkNumber('randomWalk', 'start', start)
  checkNotNegative('randomWalk', 'step', step)
  checkOpenRange('randomWalk', min, max)
  if (start < min || start > max) {
    throw refused('randomWalk', `'start' ${start} is not between 'min' ${min} and 'max' ${max}`)
  }
  let value: number | undefined
  return {
    next() {
      value = value === undefined ? start : reflect(value + (random.next() * 2 - 1) * step, min, max)
      return value
    },
  }
}

/**
 * The value that lies at `share` (0 to 1) of the way from `min` to `max`, never outside of them by a rounding. The sum of
 * two products, and not `min + (max - min) * share`, because that difference can overflow.
 */
export function between(min: number, max: number, share: number): number {
  return Math.min(max, Math.max(min, min * (1 - share) + max * share))
}

function reflect(value: number, min: number, max: number): number {
  const once = value < min ? 2 * min - value : value > max ? 2 * max - value : value
  // A step wider than the whole range may still be outside after one reflection.
  return Math.min(max, Math.max(min, once))
}
