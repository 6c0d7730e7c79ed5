import type { Playback, Sensors, Signal } from 'faultline'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { constant, normal, randomWalk, uniform } from '../../device/signals.ts'
import { checkSource } from '../../device/signals-checks.ts'
import { clamp, quantize, sum, withNoise } from '../../device/signals-combined.ts'
import { dropout, spikes, stuck } from '../../device/signals-flaws.ts'
import { drift, sawtooth, sine, square, steps } from '../../device/signals-waves.ts'
import { withFault } from '../../device/signals-with-fault.ts'
import type { WorkspaceFile } from '../crossing.ts'
import { milliseconds } from '../duration.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import type { OpenLibrary } from './libraries.ts'

type Time = Pick<Clock, 'now'>
/** Gives a new stream, so that no sensor changes what another one draws. */
type NewRandom = () => Random
/** Reads a file of the workspace. */
type Read = (path: string) => WorkspaceFile

/** `sensor` as a script has it: reads the options and their lengths of time; what the numbers may be the signals check. */
export function createSensors(time: Time, random: NewRandom, file: Read, open: OpenLibrary): Sensors {
  return {
    constant,
    playback: recorded(time, file, open),
    ...byChance(random),
    ...byTime(time),
    ...flawed(time, random),
    ...combined(time, random),
  }
}

function byChance(random: NewRandom): Pick<Sensors, 'uniform' | 'normal' | 'randomWalk'> {
  return {
    uniform: (options) => uniform(random(), read('uniform', options, ['min', 'max'])),
    normal: (options) => normal(random(), read('normal', options, ['mean', 'deviation'])),
    randomWalk: (options) => randomWalk(random(), read('randomWalk', options, ['start', 'step', 'min', 'max'])),
  }
}

function byTime(time: Time): Pick<Sensors, 'sine' | 'square' | 'sawtooth' | 'steps' | 'drift'> {
  const wave = ['min', 'max', 'period', 'phase'] as const
  return {
    sine(options) {
      const given = read('sine', options, wave)
      return sine(time, { ...given, period: span('sine', 'period', given.period) })
    },
    square(options) {
      const given = read('square', options, [...wave, 'duty'])
      return square(time, { ...given, period: span('square', 'period', given.period) })
    },
    sawtooth(options) {
      const given = read('sawtooth', options, wave)
      return sawtooth(time, { ...given, period: span('sawtooth', 'period', given.period) })
    },
    steps(options) {
      const given = read('steps', options, ['values', 'every', 'repeat'])
      return steps(time, { ...given, every: span('steps', 'every', given.every) })
    },
    drift(options) {
      const given = read('drift', options, ['start', 'rate', 'per'])
      return drift(time, { ...given, per: span('drift', 'per', given.per) })
    },
  }
}

function recorded(time: Time, read: Read, open: OpenLibrary): Sensors['playback'] {
  const known = ['file', 'column', 'every', 'repeat', 'gaps'] as const

  function play(options: Playback): Signal
  function play(options: Playback & { readonly gaps: 'lost' }): Signal<number | undefined>
  function play(options: Playback & { readonly gaps?: 'lost' }): Signal<number | undefined> {
    const { column, every, file, ...rest } = readOptions('sensor.playback', options, known)
    if (typeof file !== 'string') throw mistake(`sensor.playback: 'file' must be a path, not ${shown(file)}`)
    if (typeof column !== 'string' && typeof column !== 'number') {
      throw mistake(`sensor.playback: 'column' must be a name, or a number from 1, not ${shown(column)}`)
    }
    const found = read(file)
    if ('refused' in found) throw mistake(`sensor.playback: ${file} ${found.refused}`)
    const lasting = every === undefined ? undefined : span('playback', 'every', every)
    return open('data').parts.playback(time, { ...rest, column, every: lasting, file, text: found.text })
  }
  return play
}

function flawed(time: Time, random: NewRandom): Pick<Sensors, 'spikes' | 'stuck' | 'dropout'> {
  return {
    spikes: (source, options) =>
      spikes(random(), source, readWith(source, 'spikes', options, ['probability', 'size', 'direction'])),
    stuck(source, options) {
      const given = readWith(source, 'stuck', options, ['probability', 'for'])
      return stuck(random(), time, source, { ...given, for: span('stuck', 'for', given.for) })
    },
    dropout(source, options) {
      const given = readWith(source, 'dropout', options, ['probability', 'for'])
      return dropout(random(), time, source, { ...given, for: span('dropout', 'for', given.for ?? 0) })
    },
  }
}

function combined(
  time: Time,
  random: NewRandom,
): Pick<Sensors, 'sum' | 'clamp' | 'quantize' | 'withNoise' | 'withFault'> {
  return {
    sum,
    clamp: (source, options) => clamp(source, readWith(source, 'clamp', options, ['min', 'max'])),
    quantize: (source, options) => quantize(source, readWith(source, 'quantize', options, ['step'])),
    withNoise: (source, options) => withNoise(random(), source, readWith(source, 'withNoise', options, ['deviation'])),
    withFault(source, options = {}) {
      const { spike, schedule = [] } = readWith(source, 'withFault', options, ['spike', 'schedule'])
      if (!Array.isArray(schedule)) throw mistake(`sensor.withFault: 'schedule' must be a list, not ${shown(schedule)}`)
      const faulty = withFault(time, source, { spike, schedule: schedule.map(readScheduled) })
      return {
        get fault() {
          return faulty.fault
        },
        next: () => faulty.next(),
        fail(fault, options = {}) {
          const { for: length } = readOptions('fail of sensor.withFault', options, ['for'])
          faulty.fail(fault, length === undefined ? undefined : span('withFault', 'for', length))
        },
        heal: () => faulty.heal(),
      }
    },
  }
}

type Scheduled = NonNullable<NonNullable<Parameters<Sensors['withFault']>[1]>['schedule']>[number]

function readScheduled(entry: Scheduled, i: number) {
  const {
    fault,
    after,
    for: length,
  } = readOptions(`schedule[${i}] of sensor.withFault`, entry, ['fault', 'after', 'for'])
  return {
    fault,
    after: span('withFault', `schedule[${i}].after`, after),
    for: span('withFault', `schedule[${i}].for`, length),
  }
}

/** @returns the options, of which nothing is known but that they have no other keys */
function read<O extends object>(name: keyof Sensors, options: O, known: readonly (keyof O & string)[]): O {
  return readOptions(`sensor.${name}`, options, known)
}

/** As `read`, of a sensor that reads another: a forgotten source is said first, because the options then are in its place. */
function readWith<O extends object>(
  source: unknown,
  name: keyof Sensors,
  options: O,
  known: readonly (keyof O & string)[],
): O {
  checkSource(name, source)
  return read(name, options, known)
}

function readOptions<O extends object>(what: string, options: O, known: readonly (keyof O & string)[]): O {
  // The type says that there are options; a script that was never checked may say otherwise.
  if (typeof options !== 'object' || options === null) {
    throw mistake(`${what} needs its options { ${known.join(', ')} }, not ${shown(options)}`)
  }
  checkKeys(options, known, what)
  return options
}

function span(name: keyof Sensors, option: string, value: unknown): number {
  return milliseconds(value, `sensor.${name}: '${option}'`)
}
