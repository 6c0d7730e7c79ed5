import type { Signal } from './signals.ts'
import { checkAboveZero, checkChoice, checkNotNegative, checkNumber, checkSource, refused } from './signals-checks.ts'
import type { Sample } from './signals-combined.ts'
import type { Time } from './signals-waves.ts'

/** `stuck` repeats the last value from before, `dropout` loses every sample, `spike` adds a fixed amount to each. */
export type SensorFault = 'stuck' | 'dropout' | 'spike'

export interface ScheduledFault {
  readonly fault: SensorFault
  /** From the moment when the signal was made, in milliseconds, at least 0. */
  readonly after: number
  /** In milliseconds, above 0. */
  readonly for: number
}

export interface WithFaultOptions {
  /** What a spike adds, in the unit of the signal; negative goes down. Spikes need it. */
  readonly spike?: number | undefined
  readonly schedule?: readonly ScheduledFault[] | undefined
}

export interface FaultySignal extends Signal<Sample> {
  /** What is wrong at this moment; undefined when nothing is. */
  readonly fault: SensorFault | undefined
  /**
   * Begins a fault at once, in place of any other.
   *
   * @param length in milliseconds, above 0; without it the fault lasts until `heal`
   */
  fail(fault: SensorFault, length?: number): void
  /** Ends what is wrong at this moment. What is scheduled for later still comes. */
  heal(): void
}

interface Span {
  readonly fault: SensorFault
  readonly from: number
  readonly until: number
}

/**
 * A signal that can be made to fail. The source is read during a fault as well: the world goes on, the sensor does not
 * show it.
 *
 * @throws FaultlineError `invalid-argument` naming the option; so does `fail`
 */
export function withFault(time: Time, source: Signal<Sample>, options: WithFaultOptions): FaultySignal {
  const { spike, schedule = [] } = options
  checkSource('withFault', source)
  if (spike !== undefined) checkNumber('withFault', 'spike', spike)
  let scheduled = spansOf(schedule, spike, time.now())
  let byHand: Span | undefined
  let healthy: Sample

  // What was asked for by hand goes before the schedule, and in the schedule what is written first.
  const current = (): SensorFault | undefined => {
    const now = time.now()
    return [byHand, ...scheduled].find((span) => span !== undefined && span.from <= now && now < span.until)?.fault
  }
  return {
    get fault() {
      return current()
    },
    next() {
      const value = source.next()
      const fault = current()
      if (fault === 'dropout') return undefined
      if (fault === 'spike') return value === undefined ? undefined : value + (spike ?? 0)
      // A sensor that fails before its first value sticks to that one.
      if (fault === undefined || healthy === undefined) healthy = value ?? healthy
      return fault === 'stuck' ? healthy : value
    },
    fail(fault, length) {
      checkFault('fault', fault, spike)
      if (length !== undefined) checkAboveZero('withFault', 'for', length)
      const from = time.now()
      byHand = { fault, from, until: length === undefined ? Number.POSITIVE_INFINITY : from + length }
    },
    heal() {
      const now = time.now()
      byHand = undefined
      scheduled = scheduled.filter(({ from }) => from > now)
    },
  }
}

function spansOf(schedule: readonly ScheduledFault[], spike: number | undefined, began: number): readonly Span[] {
  return schedule.map(({ fault, after, for: length }, i) => {
    checkFault(`schedule[${i}].fault`, fault, spike)
    checkNotNegative('withFault', `schedule[${i}].after`, after)
    checkAboveZero('withFault', `schedule[${i}].for`, length)
    return { fault, from: began + after, until: began + after + length }
  })
}

function checkFault(option: string, fault: unknown, spike: number | undefined): void {
  checkChoice('withFault', option, fault, ['stuck', 'dropout', 'spike'])
  if (fault === 'spike' && spike === undefined) {
    throw refused('withFault', "a spike needs the option 'spike', which says how much it adds")
  }
}
