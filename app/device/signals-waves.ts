import type { Clock } from '../base/clock.ts'
import { between, type Signal } from './signals.ts'
import { checkAboveZero, checkNumber, checkRange, checkShare, refused } from './signals-checks.ts'

/**
 * Signals whose value depends on the time alone. All of them count from the moment when they were made, which for what a
 * device's factory makes is its power on; so all signals of a device are in step.
 */
export type Time = Pick<Clock, 'now'>

export interface WaveOptions {
  readonly min: number
  readonly max: number
  /** In milliseconds, above 0. */
  readonly period: number
  /** The part of a period by which the wave is ahead, from 0 to 1. */
  readonly phase?: number | undefined
}

export interface SquareOptions extends WaveOptions {
  /** The part of each period that is spent at `max`, from 0 to 1. */
  readonly duty?: number | undefined
}

/**
 * Begins in the middle and rises.
 *
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function sine(time: Time, options: WaveOptions): Signal {
  return wave('sine', time, options, (turn) => (1 + Math.sin(2 * Math.PI * turn)) / 2)
}

/**
 * Begins at `max`, and goes to `min` for the rest of the period.
 *
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function square(time: Time, options: SquareOptions): Signal {
  const { duty = 0.5 } = options
  checkShare('square', 'duty', duty)
  return wave('square', time, options, (turn) => (turn < duty ? 1 : 0))
}

/**
 * Rises evenly from `min` to `max`, then falls at once.
 *
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function sawtooth(time: Time, options: WaveOptions): Signal {
  return wave('sawtooth', time, options, (turn) => turn)
}

/** @param shape takes how much of the period is over, gives where between `min` and `max` the value is: both 0 to 1 */
function wave(name: string, time: Time, options: WaveOptions, shape: (turn: number) => number): Signal {
  const { min, max, period, phase = 0 } = options
  checkRange(name, options)
  checkAboveZero(name, 'period', period)
  checkShare(name, 'phase', phase)
  const began = time.now()
  return {
    next() {
      const turns = (time.now() - began) / period + phase
      return between(min, max, shape(turns - Math.floor(turns)))
    },
  }
}

export interface StepsOptions {
  readonly values: readonly number[]
  /** How long each value lasts, in milliseconds, above 0. */
  readonly every: number
  /** Whether it starts again after the last value, or stays there. */
  readonly repeat?: boolean | undefined
}

/** @throws FaultlineError `invalid-argument` naming the option */
export function steps(time: Time, options: StepsOptions): Signal {
  const { every, repeat = true } = options
  if (!Array.isArray(options.values) || options.values.length === 0) {
    throw refused('steps', "'values' must be a list with at least one number")
  }
  const values: readonly number[] = [...options.values]
  values.forEach((value, i) => {
    checkNumber('steps', `values[${i}]`, value)
  })
  checkAboveZero('steps', 'every', every)
  if (typeof repeat !== 'boolean') throw refused('steps', "'repeat' must be true or false")
  const began = time.now()
  const last = values.length - 1
  return {
    next() {
      // A clock that was set back must not lead before the first value.
      const passed = Math.max(0, Math.floor((time.now() - began) / every))
      return values[repeat ? passed % values.length : Math.min(passed, last)] as number
    },
  }
}

export interface DriftOptions {
  readonly start?: number | undefined
  /** What the value gains in each `per`; negative falls. */
  readonly rate: number
  /** In milliseconds, above 0. */
  readonly per: number
}

/** @throws FaultlineError `invalid-argument` naming the option */
export function drift(time: Time, options: DriftOptions): Signal {
  const { start = 0, rate, per } = options
  checkNumber('drift', 'start', start)
  checkNumber('drift', 'rate', rate)
  checkAboveZero('drift', 'per', per)
  const began = time.now()
  return { next: () => start + rate * ((time.now() - began) / per) }
}
