import { milliseconds } from '../../../app/script-api/duration.ts'

/** A day. */
const longestOff = 86_400_000
/** A hundred years. */
const longestSkew = 100 * 365 * 86_400_000

/** What is typed, read: its value, or what is wrong with it. */
export type Reading<T> = { readonly value: T } | { readonly problem: string }

/** How long a reboot keeps a device off: as scripts write a length of time, up to a day. Nothing typed is no time. */
export function readOffTime(text: string): Reading<number> {
  const typed = text.trim()
  if (typed === '') return { value: 0 }
  const value = readDuration(typed)
  if (value === undefined) return { problem: 'write a time such as 5s, 500ms or 2m' }
  return value > longestOff ? { problem: 'it can be off for a day at most' } : { value }
}

/** By how much a clock is ahead: as scripts write a length of time, with `-` where it is behind. */
export function readSkew(text: string): Reading<number> {
  const typed = text.trim()
  const behind = typed.startsWith('-')
  const value = readDuration(typed.replace(/^[+-]\s*/, ''))
  if (value === undefined || value === 0) return { problem: 'write a time such as 2m, 1d or -90s' }
  if (value > longestSkew) return { problem: 'a hundred years at most' }
  return { value: behind ? -value : value }
}

function readDuration(text: string): number | undefined {
  try {
    return milliseconds(text.replaceAll(' ', ''), 'it')
  } catch {
    // The one way to learn that it is none; what to write instead is said in the screen's own words.
    return undefined
  }
}
