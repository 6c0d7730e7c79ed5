import type { Result } from '../../../app/contract/contract.ts'
import { formatCount } from '../../ui/format.ts'
import { optionsOf, waitingOf } from './session-words.ts'

export type Mark = NonNullable<Result<'sessions.show'>['reconnect']>['left']

/** A line of the comparison: when it left, when it was back, now. */
export interface ComparedLine {
  readonly name: string
  readonly left: string
  readonly found: string
  readonly now: string
  /** It was another one when the client was back. */
  readonly changed: boolean
}

/** Topic Filters with their QoS, options and identifier that are gone, or new; of those that are known. */
export interface FilterChange {
  readonly gone: readonly string[]
  readonly added: readonly string[]
}

export interface Comparison {
  readonly lines: readonly ComparedLine[]
  readonly whileAway: FilterChange
  /** What the client has changed since it is back. */
  readonly since: FilterChange
}

/** What changed while the client of a Session was away. */
export function compareMarks(left: Mark, found: Mark, now: Mark): Comparison {
  const line = (name: string, of: (mark: Mark) => string): ComparedLine => {
    const [before, after] = [of(left), of(found)]
    return { name, left: before, found: after, now: of(now), changed: before !== after }
  }
  return {
    lines: [
      line('subscriptions', ({ subscriptionCount }) => formatCount(subscriptionCount)),
      line('waiting', ({ queued }) => formatCount(queued)),
      line('in flight to it', ({ inflight }) => formatCount(inflight)),
      line('QoS 2 from it', ({ incoming }) => formatCount(incoming)),
      line('will', ({ will }) => (will === undefined ? 'none' : will.state)),
    ],
    whileAway: changeOf(left, found),
    since: changeOf(found, now),
  }
}

function changeOf(one: Mark, other: Mark): FilterChange {
  const before = new Set(filtersOf(one))
  const after = new Set(filtersOf(other))
  return {
    gone: [...before].filter((filter) => !after.has(filter)),
    added: [...after].filter((filter) => !before.has(filter)),
  }
}

/** Each with all that was agreed on with it, so that a Subscription with other options is another one. */
function filtersOf({ subscriptions }: Mark): string[] {
  return subscriptions.map((subscription) => {
    const { filter, identifier, qos } = subscription
    const more = [...optionsOf(subscription), ...(identifier === undefined ? [] : [`identifier ${identifier}`])]
    return [`${filter} QoS ${qos}`, ...more].join(' · ')
  })
}

/** As many as the broker remembers of a moment. */
const mostMarked = 200

/** A Session as it is now, in the form in which it was remembered. */
export function markOfNow({ session }: Result<'sessions.show'>, now: number): Mark {
  const { connection, incoming, inflight, subscriptions, will } = session
  return {
    time: now,
    connection,
    subscriptions: subscriptions.slice(0, mostMarked),
    subscriptionCount: subscriptions.length,
    queued: waitingOf(session),
    inflight,
    incoming,
    will: will && { topic: will.topic, state: will.state },
  }
}
