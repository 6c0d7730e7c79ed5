import { numberIn, readColumn } from './csv.ts'
import type { Signal } from './signals.ts'
import { checkAboveZero, refused } from './signals-checks.ts'
import type { Time } from './signals-waves.ts'

export interface PlaybackOptions {
  /** For messages. */
  readonly file: string
  /** What the file holds. */
  readonly text: string
  /** A name in the first line, or a number from 1. */
  readonly column: string | number
  /** How long each value lasts, in milliseconds, above 0; undefined: each sample is the next value. */
  readonly every?: number | undefined
  /** Whether it starts again after the last value, or stays there. */
  readonly repeat?: boolean | undefined
  /** What a cell without a number is: a mistake, or a lost sample. */
  readonly gaps?: 'lost' | undefined
}

/**
 * Plays what was recorded: one column of a file of comma separated values.
 *
 * @throws FaultlineError `invalid-argument` naming the option, or the file and what is wrong with it
 */
export function playback(time: Time, options: PlaybackOptions): Signal<number | undefined> {
  const { every, gaps, repeat = true } = options
  if (typeof repeat !== 'boolean') throw refused('playback', "'repeat' must be true or false")
  if (gaps !== undefined && gaps !== 'lost') throw refused('playback', "'gaps' must be 'lost', or left out")
  if (every !== undefined) checkAboveZero('playback', 'every', every)
  const values = readValues(options)
  const last = values.length - 1
  const at = (place: number) => values[repeat ? place % values.length : Math.min(place, last)]
  if (every === undefined) {
    let place = 0
    return { next: () => at(place++) }
  }
  const began = time.now()
  // A clock that was set back must not lead before the first value.
  return { next: () => at(Math.max(0, Math.floor((time.now() - began) / every))) }
}

function readValues({ column, file, gaps, text }: PlaybackOptions): readonly (number | undefined)[] {
  const cells = inWords(file, () => readColumn(text, column))
  const values = cells.map((cell, i) => {
    const value = numberIn(cell)
    if (value !== undefined || gaps === 'lost') return value
    throw refused(
      'playback',
      `${file} has '${cell.slice(0, 40)}' in row ${i + 1} of column '${column}', which is not a number; write gaps: 'lost' to have it as a lost sample`,
    )
  })
  if (values.length === 0) throw refused('playback', `${file} has no values in column '${column}'`)
  return values
}

function inWords<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw refused('playback', `${file} ${error instanceof Error ? error.message : String(error)}`)
  }
}
