import type { Random } from '../base/random.ts'
import type { Signal } from './signals.ts'
import { checkAboveZero, checkNotNegative, checkOpenRange, checkSource, refused } from './signals-checks.ts'

/** What a sensor may give: a number, or undefined for a sample that was lost. */
export type Sample = number | undefined

/** A signal that changes each value of another one. A lost sample stays lost. */
export function map<T extends Sample>(source: Signal<T>, change: (value: number) => number): Signal<T> {
  return {
    next() {
      const value = source.next()
      // T is number, undefined or both, and a number is given for a number only.
      return (value === undefined ? value : change(value)) as T
    },
  }
}

/**
 * The sum of all values; lost when one of them is lost.
 *
 * @throws FaultlineError `invalid-argument` when there is no source, or one that is not a signal.
 */
export function sum<T extends Sample>(...sources: readonly Signal<T>[]): Signal<T> {
  if (sources.length === 0) throw refused('sum', 'needs at least one sensor')
  for (const source of sources) checkSource('sum', source)
  return {
    next() {
      // All are read even when one is lost: the others go on meanwhile.
      const values = sources.map((source): Sample => source.next())
      return values.reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b)) as T
    },
  }
}

export interface ClampOptions {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/**
 * What is below `min` becomes `min`, what is above `max` becomes `max`.
 *
 * @throws FaultlineError `invalid-argument` when both bounds are missing, one is not a number or `min` is above `max`.
 */
export function clamp<T extends Sample>(source: Signal<T>, options: ClampOptions): Signal<T> {
  checkSource('clamp', source)
  if (options.min === undefined && options.max === undefined) throw refused('clamp', "needs 'min', 'max' or both")
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options
  checkOpenRange('clamp', min, max)
  return map(source, (value) => Math.min(max, Math.max(min, value)))
}

export interface QuantizeOptions {
  readonly step: number
}

/**
 * The nearest multiple of `step`, written with no more decimals than `step` has: 0.3 and not 0.30000000000000004.
 *
 * @throws FaultlineError `invalid-argument` when `step` is not above 0.
 */
export function quantize<T extends Sample>(source: Signal<T>, options: QuantizeOptions): Signal<T> {
  const { step } = options
  checkSource('quantize', source)
  checkAboveZero('quantize', 'step', step)
  const decimals = decimalsOf(step)
  return map(source, (value) => {
    const multiple = Math.round(value / step) * step
    // A quotient that is too large for a double belongs to a value whose own resolution is coarser than the step.
    return Number.isFinite(multiple) ? Number(multiple.toFixed(decimals)) : value
  })
}

/** How many decimals a number is written with, up to the 100 that `toFixed` takes: 2 for 0.25, 7 for 1e-7. */
function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e')
  const fraction = digits.split('.')[1]?.length ?? 0
  return Math.min(100, Math.max(0, fraction - Number(exponent)))
}

export interface NoiseOptions {
  /** The standard deviation, in the unit of the signal; at least 0. */
  readonly deviation: number
}

/**
 * Adds normally distributed noise with mean 0.
 *
 * @throws FaultlineError `invalid-argument` when `deviation` is not a number of at least 0.
 */
export function withNoise<T extends Sample>(random: Random, source: Signal<T>, options: NoiseOptions): Signal<T> {
  const { deviation } = options
  checkSource('withNoise', source)
  checkNotNegative('withNoise', 'deviation', deviation)
  return map(source, (value) => value + deviation * random.normal())
}
