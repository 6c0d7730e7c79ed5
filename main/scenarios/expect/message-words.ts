import { describeSeen, type MessageMatch } from '../../../app/scenario/match-message.ts'
import type { Source } from './arrivals.ts'
import type { Tally } from './tally.ts'

/** Of so many messages it is said what they were. */
const mostShown = 5
/** Among so many of the newest the nearest ones are looked for. */
const mostCompared = 2000
/** A wrong topic is further away than anything else that is wrong. */
const otherTopic = 100

/** What has come, in words, where what was wanted has come or is too much. */
export function describeFound(source: Source, numbers: readonly number[]): string {
  const shown = numbers.slice(0, mostShown).map((number) => textAt(source, number))
  return `${shown.join('; ')}${andMore(numbers.length - shown.length)}`
}

/** What has come instead of what was wanted, in words, the nearest ones first. */
export function describeMissing(source: Source, tally: Tally, patterns: readonly MessageMatch[]): string {
  const { fitting, matched } = tally
  const wanted = patterns[tally.missing ?? 0]
  const { others, count, taken } = wanted === undefined ? nothing : compare(source, wanted, new Set(matched))
  const parts: string[] = []
  if (matched.length > 0) {
    parts.push(
      `${counted(matched.length, 'message')} that ${verbOf(matched.length)} came: ${describeFound(source, matched)}`,
    )
  } else if (fitting.length > 0) {
    parts.push(`${counted(fitting.length, 'message')} came out of order: ${describeFound(source, fitting)}`)
  }
  if (count > 0 && (matched.length > 0 || fitting.length === 0)) {
    const how = matched.length > 0 ? `${counted(count, 'other')} came` : `${counted(count, 'message')} came`
    parts.push(`${how}, none fits: ${others.join('; ')}${andMore(count - others.length)}`)
  }
  if (taken > 0) {
    parts.push(
      `${counted(taken, 'message')} that ${verbOf(taken)} came before: an earlier expectation has received ${taken === 1 ? 'it' : 'them'}`,
    )
  }
  return parts.length === 0 ? 'nothing came' : parts.join('. ')
}

const nothing = { others: [] as string[], count: 0, taken: 0 }

function compare(source: Source, wanted: MessageMatch, matched: ReadonlySet<number>): typeof nothing {
  const { from, log, taken } = source
  const found: { readonly number: number; readonly distance: number; readonly why: string }[] = []
  let count = 0
  let received = 0
  const first = Math.max(from, log.oldest)
  for (let number = log.next - 1; number >= first; number--) {
    const message = log.at(number)?.message
    if (message === undefined || !source.belongs(message) || matched.has(number)) continue
    if (taken.has(number)) {
      if (wanted.fits(message)) received += 1
      continue
    }
    count += 1
    if (count > mostCompared) continue
    const wrong = wanted.mismatches(message)
    const distance = wrong.length + (wanted.fitsTopic(message.topic) ? 0 : otherTopic)
    found.push({ number, distance, why: wrong.join(', ') })
  }
  // The newest first among those that are as near.
  const nearest = found.sort((a, b) => a.distance - b.distance).slice(0, mostShown)
  // One that fits and is not wanted now has come out of its order.
  const others = nearest.map(({ number, why }) => `${textAt(source, number)} (${why || 'it came too early'})`)
  return { others, count, taken: received }
}

function textAt(source: Source, number: number): string {
  const message = source.log.at(number)?.message
  return message === undefined ? 'one that is not kept any more' : describeSeen(message)
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function verbOf(count: number): string {
  return count === 1 ? 'fits' : 'fit'
}

function andMore(count: number): string {
  return count > 0 ? `; and ${count} more` : ''
}
