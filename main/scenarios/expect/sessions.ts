import { FaultlineError } from '../../../app/base/errors.ts'
import type { Amount, Expectation } from '../../../app/script-api/scenario-crossing.ts'
import type { SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import { describeAmount, fitsAmount } from './amounts.ts'
import { clientIdOf, type Ground } from './ground.ts'
import type { Look, Question } from './question.ts'

type SessionMatcher = 'toBePresent' | 'toBeExpired' | 'toHaveQueued' | 'toHaveInflight' | 'toHaveSubscription'

export type SessionExpectation = Extract<Expectation, { matcher: SessionMatcher | 'toReconnect' | 'toBeOffline' }>

/** Whether it fits, and what there is instead, in words. */
type Seen = readonly [fits: boolean, received: string]

/** What is expected of a Session: the broker's own view of it. */
export class SessionQuestion implements Question {
  readonly expected: string
  readonly changes: Question['changes']
  readonly inTheEnd = 'failed'
  readonly #ground: Ground
  readonly #clientId: string
  readonly #judge: (session: SessionSnapshot | undefined) => Seen

  /** @throws FaultlineError `wrong-state` where the broker is not our own */
  constructor(ground: Ground, id: string, expectation: SessionExpectation) {
    if (ground.target !== undefined) {
      throw new FaultlineError({
        code: 'wrong-state',
        message: `what Sessions a broker has only it knows, and ${ground.target} does not tell`,
        hint: "expect what its clients see instead, such as sessionPresent after connect, or run against the scenario's own broker",
      })
    }
    this.#ground = ground
    this.#clientId = clientIdOf(ground, id)
    const [expected, judge] = this.#read(id, expectation)
    this.expected = expected
    this.#judge = judge
    // A Session begins with a CONNECT and changes with what passes; what it has become is told a moment later.
    this.changes = [ground.bench.broker.onSessions, ground.evidence.onMore]
  }

  look(): Look {
    const { broker } = this.#ground.bench
    if (!broker.running) return { is: 'open', received: () => notRunning }
    const session = broker.sessions().find((each) => each.clientId === this.#clientId && isPresent(each))
    const [fits, received] = this.#judge(session)
    return { is: fits ? 'held' : 'open', received: () => received }
  }

  #read(id: string, expectation: SessionExpectation): [string, (session: SessionSnapshot | undefined) => Seen] {
    const of = `the Session of ${id}`
    const absent = () => this.#absent
    switch (expectation.matcher) {
      case 'toBePresent':
        return [`${of} to be present`, (session) => [session !== undefined, session ? describe(session) : absent()]]
      case 'toBeExpired':
        return [
          `${of} to be over`,
          (session) =>
            session === undefined
              ? [this.#ground.evidence.meter.accepted.has(this.#clientId), absent()]
              : [false, describe(session)],
        ]
      case 'toHaveQueued':
        return [
          `${of} to have ${describeAmount(expectation.amount, 'message')} queued`,
          countOf(expectation.amount, 'queued', absent, ({ queued }) => queued),
        ]
      case 'toHaveInflight':
        return [
          `${of} to have ${describeAmount(expectation.amount, 'message')} in flight`,
          countOf(expectation.amount, 'in flight', absent, ({ inflight }) => inflight),
        ]
      case 'toHaveSubscription': {
        const { filter, qos } = expectation
        const wanted = `${filter}${qos === undefined ? '' : ` with QoS ${qos}`}`
        return [`${of} to have a subscription to ${wanted}`, (session) => subscribed(session, filter, qos, absent)]
      }
      default:
        throw new FaultlineError({ code: 'invalid-argument', message: `a Session has no ${expectation.matcher}` })
    }
  }

  get #absent(): string {
    return this.#ground.evidence.meter.accepted.has(this.#clientId)
      ? 'it has ended'
      : `the broker has never had a Session of ${this.#clientId}`
  }
}

const notRunning = 'the broker does not run: what Sessions it has kept is known when it does'

/** One that has ended is shown still where its will was published: with nothing in it, and kept for no time. */
export function isPresent({ connected, expiry }: SessionSnapshot): boolean {
  return connected || expiry !== 0
}

function countOf(
  amount: Amount,
  words: string,
  absent: () => string,
  read: (session: SessionSnapshot) => number,
): (session: SessionSnapshot | undefined) => Seen {
  return (session) => {
    if (session === undefined) return [false, absent()]
    const count = read(session)
    return [fitsAmount(amount, count), count === 1 ? `1 is ${words}` : `${count} are ${words}`]
  }
}

function subscribed(
  session: SessionSnapshot | undefined,
  filter: string,
  qos: number | undefined,
  absent: () => string,
): Seen {
  if (session === undefined) return [false, absent()]
  const { subscriptions } = session
  const fits = subscriptions.some((each) => each.filter === filter && (qos === undefined || each.qos === qos))
  const all = subscriptions.slice(0, 20).map((each) => `${each.filter} with QoS ${each.qos}`)
  const more = subscriptions.length > all.length ? ` and ${subscriptions.length - all.length} more` : ''
  return [fits, all.length === 0 ? 'it has none' : `it has ${all.join(', ')}${more}`]
}

function describe({ connected, expiresAt, expiry }: SessionSnapshot): string {
  if (connected) return 'it is present, its client is connected'
  if (expiry === undefined || expiresAt === undefined) return 'it is kept without its client, for ever'
  return `it is kept without its client, for ${expiry} s`
}
