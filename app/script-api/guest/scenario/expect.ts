import type { Expect } from 'faultline'
import { closest } from '../../../base/closest.ts'
import { longestWait } from '../../duration.ts'
import { mistake, shown } from '../../mistake.ts'
import type { Subject } from '../../scenario-crossing.ts'
import { type Asks, nothing } from './asks.ts'
import type { Handles } from './handles.ts'
import { movingMatchers } from './moving.ts'
import { optionsOf, timeOf } from './options.ts'
import { Patience } from './patience.ts'
import { type Judge, type Judgement, judges, type Matcher, showValue } from './values.ts'

const usualWait = 5000
const usualEvery = 100
/** What is asked while there is time has so long to answer, in milliseconds, whatever is left of it. */
const answerWithin = 1000

/** A judgement, and what was judged in words. */
interface Told extends Judgement {
  readonly received: string
  /** Milliseconds: what it had, and what it took. */
  readonly polled?: { readonly within: number; readonly ms: number }
}

/** `expect` of a scenario: what moves the host judges, values are judged here. */
export function createExpect(asks: Asks, handles: Handles, now: () => number): Expect {
  const of = (soft: boolean) => (actual: unknown) => {
    const subject = handles.subjectOf(actual)
    if (subject !== undefined) return guarded(movingMatchers(asks, subject, soft), nameOf(subject))
    refusePromise(actual)
    return guarded(
      matchers((matcher, judge, stack) => {
        return tell(asks, matcher, { ...judge(actual), received: showValue(actual) }, soft, stack)
      }),
      'a value',
    )
  }
  const poll = (ask: unknown, options?: unknown) => {
    if (typeof ask !== 'function') throw mistake(`expect.poll needs a function that it can ask, not ${shown(ask)}`)
    const { within = usualWait, every = usualEvery } = optionsOf(options, ['within', 'every'], 'expect.poll(...)')
    const times = { within: timeOf(within, 'within of expect.poll'), every: timeOf(every, 'every of expect.poll') }
    if (times.every < 1) throw mistake(`every of expect.poll must be at least 1 ms, not ${shown(every)}`)
    return guarded(
      matchers(async (matcher, judge, stack) => {
        const begun = now()
        const found = await polled({ asks, ask: ask as () => unknown, judge, times, now, matcher, stack })
        const ms = Math.max(0, Math.min(longestWait, Math.round(now() - begun)))
        await tell(asks, matcher, { ...found, polled: { within: times.within, ms } }, false, stack)
      }),
      'a polled value',
    )
  }
  // The overloads say which matchers there are for what: the objects have exactly those.
  return Object.freeze(Object.assign(of(false), { soft: Object.freeze(of(true)), poll })) as unknown as Expect
}

type Tell = (matcher: Matcher, judge: Judge, stack: string | undefined) => Promise<void>

function matchers(tellOf: Tell): Readonly<Record<string, (expected: unknown) => Promise<void>>> {
  const names = Object.keys(judges) as Matcher[]
  return Object.fromEntries(
    names.map((matcher) => [
      matcher,
      (expected: unknown) => {
        const { stack } = new Error()
        // Not async: what is wrong with the expected value is thrown where it is written.
        return tellOf(matcher, judges[matcher](expected), stack)
      },
    ]),
  )
}

function tell(asks: Asks, matcher: Matcher, told: Told, soft: boolean, stack: string | undefined): Promise<void> {
  return asks.ask(() => ({ do: 'judged', matcher, soft, ...told }), nothing, stack)
}

interface Polling {
  readonly asks: Asks
  readonly ask: () => unknown
  readonly judge: Judge
  /** Milliseconds. */
  readonly times: { readonly every: number; readonly within: number }
  readonly now: () => number
  readonly matcher: Matcher
  readonly stack: string | undefined
}

/** Asks until it fits or time is up: also where what is asked never comes back. */
async function polled({ ask, asks, judge, matcher, now, stack, times }: Polling): Promise<Told> {
  const { every, within } = times
  const end = now() + within
  const patience = new Patience(asks, matcher, Math.min(longestWait, within + answerWithin), stack)
  let before = ''
  try {
    for (;;) {
      const answer = await patience.for(ask)
      if (answer === undefined) {
        const received = `no answer within ${(within + answerWithin) / 1000} s: what is polled does not come back${before}`
        return { held: false, expected: judge(undefined).expected, received }
      }
      const judgement = judge(answer.value)
      const received = showValue(answer.value)
      const left = end - now()
      if (judgement.held || left <= 0) return { ...judgement, received }
      before = `; before, it was ${received}`
      // Without a place: the script has not written it.
      await asks.ask(() => ({ do: 'wait', ms: Math.min(every, left) }), nothing, '')
    }
  } finally {
    patience.end()
  }
}

function refusePromise(actual: unknown): void {
  if (typeof actual !== 'object' || actual === null || !('then' in actual) || typeof actual.then !== 'function') return
  throw mistake('expect was given a promise; await it first: expect(await ...), or let expect.poll(() => ...) ask')
}

/** A matcher that is misspelt, or that is of something else, is not simply undefined. */
function guarded<Found extends object>(found: Found, of: string): Found {
  const known = Object.keys(found)
  return new Proxy(found, {
    get(target, name) {
      // A promise that gives it looks whether it is one.
      if (typeof name !== 'string' || name === 'then' || name in target) return Reflect.get(target, name)
      const meant = closest(name, known)
      const offer = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`
      throw mistake(`expect has no ${name} for ${of}; ${offer}`)
    },
  })
}

function nameOf(subject: Subject): string {
  switch (subject.is) {
    case 'watch':
      return 'what a subscription receives'
    case 'exchanges':
      return 'exchanges'
    case 'broker':
      return 'the broker'
    default:
      return `a ${subject.is}`
  }
}
