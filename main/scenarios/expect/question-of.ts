import { FaultlineError } from '../../../app/base/errors.ts'
import type { Expectation, Subject } from '../../../app/script-api/scenario-crossing.ts'
import type { Source } from './arrivals.ts'
import { brokerHasConnections, brokerHasRate } from './broker.ts'
import { clientIs, deviceFails, deviceIs, deviceLogs, deviceReconnects, fleetIsOnline, isRefused } from './devices.ts'
import { ExchangeQuestion } from './exchanges.ts'
import type { Ground } from './ground.ts'
import { MessageQuestion } from './messages.ts'
import type { Question } from './question.ts'
import { type SessionExpectation, SessionQuestion } from './sessions.ts'
import { WillQuestion } from './wills.ts'

type FindSource = (subject: Subject) => { readonly source: Source; readonly clientId: string }

/**
 * What is to be found out.
 *
 * @throws FaultlineError `invalid-argument` where this cannot be expected of the subject, and as `Expectations.judge`
 */
export function questionOf(ground: Ground, subject: Subject, expectation: Expectation, find: FindSource): Question {
  const question = (() => {
    switch (subject.is) {
      case 'watch':
        return ofWatch(ground, subject, expectation, find)
      case 'will':
        return isWill(expectation) ? new WillQuestion(ground, subject.id, expectation) : undefined
      case 'session':
        return isSession(expectation) ? new SessionQuestion(ground, subject.id, expectation) : undefined
      case 'exchanges':
        return expectation.matcher === 'toShow' ? new ExchangeQuestion(ground, subject.id, expectation) : undefined
      case 'device':
        return ofDevice(ground, subject, expectation, find)
      case 'client':
        return ofClient(ground, subject.id, expectation)
      case 'fleet':
        return expectation.matcher === 'toBeOnline'
          ? fleetIsOnline(ground, subject.group, expectation.count)
          : undefined
      case 'broker':
        return ofBroker(ground, expectation)
    }
  })()
  if (question !== undefined) return question
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${expectation.matcher} cannot be expected of a ${subject.is}`,
  })
}

function ofWatch(ground: Ground, subject: Subject, expectation: Expectation, find: FindSource): Question | undefined {
  if (expectation.matcher !== 'toReceive') return undefined
  const { inOrder, messages: wanted, often } = expectation
  return new MessageQuestion(ground, { ...find(subject), wanted, often, inOrder, takes: true, verb: '' })
}

function ofDevice(
  ground: Ground,
  subject: Extract<Subject, { readonly id: string }>,
  expectation: Expectation,
  find: FindSource,
): Question | undefined {
  const { id } = subject
  switch (expectation.matcher) {
    case 'toHandle': {
      const { message, often } = expectation
      const about = { wanted: [message], often, inOrder: false, takes: false, verb: `, handled by ${id}` }
      return new MessageQuestion(ground, { ...find(subject), ...about })
    }
    case 'toBeOnline':
      return deviceIs(ground, id, 'online')
    case 'toBeOffline':
      return deviceIs(ground, id, 'offline')
    case 'toReconnect':
      return deviceReconnects(ground, id)
    case 'toLog':
      return deviceLogs(ground, id, expectation.text)
    case 'toFail':
      return deviceFails(ground, id, expectation.message)
    case 'toBeRefused':
      return isRefused(ground, id, expectation.code)
    default:
      return undefined
  }
}

function ofClient(ground: Ground, id: string, expectation: Expectation): Question | undefined {
  switch (expectation.matcher) {
    case 'toBeOnline':
      return clientIs(ground, id, 'online')
    case 'toBeOffline':
      return clientIs(ground, id, 'offline')
    case 'toBeRefused':
      return isRefused(ground, id, expectation.code)
    default:
      return undefined
  }
}

function ofBroker(ground: Ground, expectation: Expectation): Question | undefined {
  switch (expectation.matcher) {
    case 'toHaveConnections':
      return brokerHasConnections(ground, expectation.amount)
    case 'toReceiveRate':
      return brokerHasRate(ground.evidence, 'taken', expectation.amount)
    case 'toSendRate':
      return brokerHasRate(ground.evidence, 'sent', expectation.amount)
    default:
      return undefined
  }
}

function isWill(
  expectation: Expectation,
): expectation is Extract<Expectation, { matcher: 'toBePublished' | 'notToBePublished' }> {
  return expectation.matcher === 'toBePublished' || expectation.matcher === 'notToBePublished'
}

const ofSessions = ['toBePresent', 'toBeExpired', 'toHaveQueued', 'toHaveInflight', 'toHaveSubscription']

function isSession(expectation: Expectation): expectation is SessionExpectation {
  return ofSessions.includes(expectation.matcher)
}
