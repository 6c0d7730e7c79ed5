import type { Random } from '../base/random.ts'
import type { Signal } from './signals.ts'
import { checkAboveZero, checkChoice, checkNotNegative, checkShare, checkSource } from './signals-checks.ts'
import { map, type Sample } from './signals-combined.ts'
import type { Time } from './signals-waves.ts'

/*
 * Flaws that come by chance. Each call of `next()` reads the source and draws once for chance whether or not a flaw is
 * going on, so that when it is called does not decide what comes later.
 */

export interface SpikesOptions {
  /** Of each sample, from 0 to 1. */
  readonly probability: number
  /** How far a spike goes, in the unit of the signal; at least 0. */
  readonly size: number
  readonly direction?: 'up' | 'down' | 'both' | undefined
}

/** @throws FaultlineError `invalid-argument` naming the option */
export function spikes<T extends Sample>(random: Random, source: Signal<T>, options: SpikesOptions): Signal<T> {
  const { probability, size, direction = 'both' } = options
  checkSource('spikes', source)
  checkShare('spikes', 'probability', probability)
  checkNotNegative('spikes', 'size', size)
  checkChoice('spikes', 'direction', direction, ['up', 'down', 'both'])
  return map(source, (value) => {
    const hit = random.next() < probability
    const up = random.next() < 0.5
    if (!hit) return value
    return direction === 'up' || (direction === 'both' && up) ? value + size : value - size
  })
}

export interface StuckOptions {
  /** Of each sample that it is the first of those that stay the same, from 0 to 1. */
  readonly probability: number
  /** In milliseconds, above 0. */
  readonly for: number
}

/** @throws FaultlineError `invalid-argument` naming the option */
export function stuck<T extends Sample>(
  random: Random,
  time: Time,
  source: Signal<T>,
  options: StuckOptions,
): Signal<T> {
  const { probability, for: length } = options
  checkSource('stuck', source)
  checkShare('stuck', 'probability', probability)
  checkAboveZero('stuck', 'for', length)
  let held: { readonly value: T; readonly until: number } | undefined
  return {
    next() {
      const value = source.next()
      const hit = random.next() < probability
      const now = time.now()
      if (held !== undefined && now < held.until) return held.value
      held = hit ? { value, until: now + length } : undefined
      return value
    },
  }
}

export interface DropoutOptions {
  /** Of each sample that it is lost, from 0 to 1. */
  readonly probability: number
  /** For how long all later samples are lost with it, in milliseconds; 0 is none. */
  readonly for?: number | undefined
}

/** @throws FaultlineError `invalid-argument` naming the option */
export function dropout(random: Random, time: Time, source: Signal<Sample>, options: DropoutOptions): Signal<Sample> {
  const { probability, for: length = 0 } = options
  checkSource('dropout', source)
  checkShare('dropout', 'probability', probability)
  checkNotNegative('dropout', 'for', length)
  let until = Number.NEGATIVE_INFINITY
  return {
    next() {
      const value = source.next()
      const hit = random.next() < probability
      const now = time.now()
      if (now < until) return undefined
      if (!hit) return value
      until = now + length
      return undefined
    },
  }
}
