import { describeSeen, type MessageMatch } from '../../../app/scenario/match-message.ts'
import type { Source } from './arrivals.ts'
import type { Tally } from './tally.ts'

/** Of so many messages it is said what they were. */
const mostShown = 5
/** Among so many of the newest the nearest ones are looked for. */
const mostCompared = 2000

/** What has come, in words and in the order in which it came, where what was wanted has come or is too much. */
export function describeFound(source: Source, numbers: readonly number[]): string {
  const alike = gathered(source, numbers.slice(0, mostCompared), (number) => textAt(source, number))
  const shown = alike.slice(0, mostShown)
  return `${shown.map(({ text }) => text).join('; ')}${andMore(numbers.length - sumOf(shown))}`
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
    const texts = others.map(({ text }) => text)
    parts.push(
      `${how}, none fits${texts.length > 1 ? ', the closest first' : ''}: ${texts.join('; ')}${andMore(count - sumOf(others))}`,
    )
  }
  if (taken > 0) {
    parts.push(
      `${counted(taken, 'message')} that ${verbOf(taken)} came before: an earlier expectation has received ${taken === 1 ? 'it' : 'them'}`,
    )
  }
  return parts.length === 0 ? 'nothing came' : parts.join('. ')
}

const nothing = { others: [] as Alike[], count: 0, taken: 0 }

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
    const { distance, why } = wanted.compare(message)
    found.push({ number, distance, why: why.join(', ') })
  }
  // The newest first among those that are as near.
  const nearest = found.sort((a, b) => a.distance - b.distance)
  const whys = new Map(nearest.map(({ number, why }) => [number, why]))
  // One that fits and is not wanted now has come out of its order.
  const textOf = (number: number) => `${textAt(source, number)} (${whys.get(number) || 'it came too early'})`
  const numbers = nearest.map(({ number }) => number)
  return { others: gathered(source, numbers, textOf).slice(0, mostShown), count, taken: received }
}

/** Messages that are the same in words. */
interface Alike {
  /** Such as `51× plant/pump-01/status "online" QoS 1 from 0.812 s to 3.204 s`. */
  readonly text: string
  readonly count: number
}

/** What is the same in words is said once, with how often it came and when; in the order of the first of each. */
function gathered(source: Source, numbers: readonly number[], textOf: (number: number) => string): Alike[] {
  const alike = new Map<string, number[]>()
  for (const number of numbers) {
    const text = textOf(number)
    const same = alike.get(text)
    if (same === undefined) alike.set(text, [number])
    else same.push(number)
  }
  return [...alike].map(([text, same]) => {
    const count = same.length
    if (count === 1) return { text, count }
    const [first, last] = [Math.min(...same), Math.max(...same)].map((number) => source.log.timeOf(number))
    return { text: `${count}× ${text} from ${first} to ${last}`, count }
  })
}

function sumOf(alike: readonly Alike[]): number {
  return alike.reduce((sum, { count }) => sum + count, 0)
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
