import type { Amount } from '../../../app/script-api/scenario-crossing.ts'
import type { Bench } from '../bench.ts'
import type { Evidence } from '../evidence.ts'
import { describeAmount, fitsAmount } from './amounts.ts'
import type { Ground } from './ground.ts'
import type { Question } from './question.ts'

/** Rates change without anything happening: how often they are looked at, in milliseconds. */
const ratesEvery = 100

/** How many clients are connected: of another broker only those are known that go through the links. */
export function openConnections({ broker }: Pick<Bench, 'broker'>, evidence: Evidence): number {
  return broker.own ? broker.sessions().filter(({ connected }) => connected).length : evidence.meter.open
}

/** `toHaveConnections` */
export function brokerHasConnections(ground: Ground, amount: Amount): Question {
  const { bench, evidence, target } = ground
  const through = target === undefined ? '' : ' through the links'
  return {
    expected: `the broker to have ${describeAmount(amount, 'client')} connected${through}`,
    inTheEnd: 'failed',
    changes: target === undefined ? [bench.broker.onSessions, evidence.onMore] : [evidence.onMore],
    look: () => {
      const now = openConnections(bench, evidence)
      return { is: fitsAmount(amount, now) ? 'held' : 'open', received: () => (now === 1 ? '1 is' : `${now} are`) }
    },
  }
}

type RateEvidence = Pick<Evidence, 'meter' | 'seenUntil'>

/** `toReceiveRate` and `toSendRate`. */
export function brokerHasRate(evidence: RateEvidence, which: 'taken' | 'sent', amount: Amount): Question {
  const verb = which === 'taken' ? 'take in' : 'send'
  return {
    expected: `the broker to ${verb} ${describeAmount(amount, 'message')} a second`,
    inTheEnd: 'failed',
    changes: [],
    look: () => {
      const { [which]: rate } = evidence.meter.rates(evidence.seenUntil)
      return {
        is: fitsAmount(amount, rate) ? 'held' : 'open',
        received: () => `it was ${rate} in the last second`,
        again: ratesEvery,
      }
    },
  }
}
