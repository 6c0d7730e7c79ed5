import { FaultlineError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'

/** A source of values over time. */
export interface Signal {
  next(): number
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
  if (!Number.isFinite(start)) throw refused(`'start' must be a number, not ${String(start)}`)
  if (!Number.isFinite(step) || step < 0) throw refused(`'step' must be a number of at least 0, not ${String(step)}`)
  if (typeof min !== 'number' || Number.isNaN(min)) throw refused(`'min' must be a number, not ${String(min)}`)
  if (typeof max !== 'number' || Number.isNaN(max)) throw refused(`'max' must be a number, not ${String(max)}`)
  if (min > max) throw refused(`'min' ${min} is above 'max' ${max}`)
  if (start < min || start > max) throw refused(`'start' ${start} is not between 'min' ${min} and 'max' ${max}`)
  let value: number | undefined
  return {
    next() {
      value = value === undefined ? start : reflect(value + (random.next() * 2 - 1) * step, min, max)
      return value
    },
  }
}

function reflect(value: number, min: number, max: number): number {
  const once = value < min ? 2 * min - value : value > max ? 2 * max - value : value
  // A step wider than the whole range may still be outside after one reflection.
  return Math.min(max, Math.max(min, once))
}

function refused(why: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message: `sensor.randomWalk: ${why}` })
}
