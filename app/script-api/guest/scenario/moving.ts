import type { ExchangeResult } from 'faultline'
import { mistake } from '../../mistake.ts'
import type { Expectation, Subject } from '../../scenario-crossing.ts'
import { checkTopicFilter } from '../../topics.ts'
import { willCauses } from '../../will-causes.ts'
import { filled, type Given } from '../properties.ts'
import { checkFlag, checkQoS } from '../values.ts'
import { type Asks, nothing } from './asks.ts'
import { oneOf, optionalTime, optionalWhole, optionsOf, textOf, timeOf } from './options.ts'
import { readAmount, readHowOften, readMessage, readText } from './patterns.ts'

type Matchers = Readonly<Record<string, (...args: unknown[]) => unknown>>
type Expected = { readonly expectation: Expectation; readonly options: Given }
type Expects = (matcher: string, read: (call: string) => Expected) => Promise<void>

const often = ['within', 'exactly', 'atLeast', 'never']

/** The matchers of what moves, by what it is. The host judges them, and waits for what is expected. */
export function movingMatchers(asks: Asks, subject: Subject, soft: boolean): Matchers {
  const expects: Expects = (matcher, read) =>
    asks.ask(() => {
      const { expectation, options } = read(`${matcher}(...)`)
      const within = optionalTime(options['within'], `within of ${matcher}`)
      return { do: 'expect', subject, expectation, soft, ...(within === undefined ? {} : { within }) }
    }, nothing)
  switch (subject.is) {
    case 'watch':
      return { toReceive: (messages, options) => expects('toReceive', (call) => received(messages, options, call)) }
    case 'will':
      return ofWill(expects)
    case 'session':
      return ofSession(expects)
    case 'exchanges':
      return { toShow: (...steps) => shows(asks, subject, soft, steps) }
    case 'client':
      return ofClient(expects)
    case 'device':
      return { ...ofClient(expects), ...ofDevice(expects) }
    case 'fleet':
      return { toBeOnline: (options) => expects('toBeOnline', (call) => fleetOnline(options, call)) }
    case 'broker':
      return ofBroker(expects)
  }
}

function received(messages: unknown, given: unknown, call: string): Expected {
  const options = optionsOf(given, [...often, 'inOrder'], call)
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [messages]
  if (list.length === 0) throw mistake(`${call} needs at least one message`)
  const inOrder = options['inOrder'] === undefined ? false : checkFlag(options['inOrder'], `inOrder of ${call}`)
  return {
    expectation: {
      matcher: 'toReceive',
      messages: list.map((message) => readMessage(message, call)),
      inOrder,
      often: readHowOften(options, call),
    },
    options,
  }
}

/** Of those that have no options but `within`. */
function plain(
  matcher: 'notToBePublished' | 'toBePresent' | 'toBeExpired' | 'toReconnect' | 'toBeOffline',
  expects: Expects,
) {
  return (given: unknown) =>
    expects(matcher, (call) => ({ expectation: { matcher }, options: optionsOf(given, ['within'], call) }))
}

function ofWill(expects: Expects): Matchers {
  return {
    toBePublished: (given) =>
      expects('toBePublished', (call) => {
        const options = optionsOf(given, ['within', 'because'], call)
        const { because } = options
        const why = because === undefined ? {} : { because: oneOf(because, willCauses, `because of ${call}`) }
        return { expectation: { matcher: 'toBePublished', ...why }, options }
      }),
    notToBePublished: plain('notToBePublished', expects),
  }
}

function ofSession(expects: Expects): Matchers {
  return {
    toBePresent: plain('toBePresent', expects),
    toBeExpired: plain('toBeExpired', expects),
    toHaveQueued: amounts('toHaveQueued', expects),
    toHaveInflight: amounts('toHaveInflight', expects),
    toHaveSubscription: (filter, given) =>
      expects('toHaveSubscription', (call) => {
        const options = optionsOf(given, ['within', 'qos'], call)
        const qos = options['qos'] === undefined ? {} : { qos: checkQoS(options['qos'], `qos of ${call}`) }
        const checked = checkTopicFilter(filter, `the filter of ${call}`)
        return { expectation: { matcher: 'toHaveSubscription', filter: checked, ...qos }, options }
      }),
  }
}

type AmountMatcher = 'toHaveQueued' | 'toHaveInflight' | 'toHaveConnections' | 'toReceiveRate' | 'toSendRate'

function amounts(matcher: AmountMatcher, expects: Expects) {
  return (amount: unknown, given: unknown) =>
    expects(matcher, (call) => {
      const options = optionsOf(given, ['within'], call)
      return { expectation: { matcher, amount: readAmount(amount, call) }, options }
    })
}

function ofClient(expects: Expects): Matchers {
  return {
    toBeOnline: (given) =>
      expects('toBeOnline', (call) => ({
        expectation: { matcher: 'toBeOnline' },
        options: optionsOf(given, ['within'], call),
      })),
    toBeOffline: plain('toBeOffline', expects),
    toBeRefused: (given) =>
      expects('toBeRefused', (call) => {
        const options = optionsOf(given, ['within', 'code'], call)
        const code = filled({ code: optionalWhole(options['code'], `code of ${call}`, 0, 255) })
        return { expectation: { matcher: 'toBeRefused', ...code }, options }
      }),
  }
}

function ofDevice(expects: Expects): Matchers {
  return {
    toHandle: (message, given) =>
      expects('toHandle', (call) => {
        const options = optionsOf(given, often, call)
        const wanted = { message: readMessage(message, call), often: readHowOften(options, call) }
        return { expectation: { matcher: 'toHandle', ...wanted }, options }
      }),
    toReconnect: plain('toReconnect', expects),
    toLog: (text, given) =>
      expects('toLog', (call) => ({
        expectation: { matcher: 'toLog', text: readText(text, `the text of ${call}`) },
        options: optionsOf(given, ['within'], call),
      })),
    toFail: (given) =>
      expects('toFail', (call) => {
        const options = optionsOf(given, ['within', 'message'], call)
        const { message } = options
        const said = message === undefined ? {} : { message: readText(message, `message of ${call}`) }
        return { expectation: { matcher: 'toFail', ...said }, options }
      }),
  }
}

function fleetOnline(given: unknown, call: string): Expected {
  const options = optionsOf(given, ['within', 'count'], call)
  const count = filled({ count: optionalWhole(options['count'], `count of ${call}`) })
  return { expectation: { matcher: 'toBeOnline', ...count }, options }
}

function ofBroker(expects: Expects): Matchers {
  return {
    toHaveConnections: amounts('toHaveConnections', expects),
    toReceiveRate: amounts('toReceiveRate', expects),
    toSendRate: amounts('toSendRate', expects),
  }
}

/** It is asked for when `within` and `ofTopic`, which come behind it, have been said; awaited or not. */
function shows(asks: Asks, subject: Subject, soft: boolean, steps: readonly unknown[]): ExchangeResult {
  const { stack } = new Error()
  const texts = steps.map((step) => textOf(step, 'a step of toShow(...)'))
  if (texts.length === 0) throw mistake("toShow(...) needs steps, such as 'PUBLISH', 'PUBACK'")
  let begun = false
  let asked: Promise<void> | undefined
  let within: number | undefined
  let topic: string | undefined
  const ask = () => {
    if (begun) return
    begun = true
    asked = asks.ask(
      () => {
        const of = topic === undefined ? {} : { ofTopic: topic }
        const time = within === undefined ? {} : { within }
        return { do: 'expect', subject, expectation: { matcher: 'toShow', steps: texts, ...of }, soft, ...time }
      },
      nothing,
      stack,
    )
  }
  const say = (name: string, set: () => void): ExchangeResult => {
    if (begun) throw mistake(`${name} comes right behind toShow(...), before anything else`)
    set()
    return result
  }
  const result: ExchangeResult = Object.freeze({
    within: (time: unknown) =>
      say('within', () => {
        within = timeOf(time, 'within of toShow')
      }),
    ofTopic: (filter: unknown) =>
      say('ofTopic', () => {
        topic = checkTopicFilter(filter, 'the filter of ofTopic')
      }),
    // biome-ignore lint/suspicious/noThenProperty: it is awaited, and can be told more before
    then: (...handlers: Parameters<Promise<void>['then']>) => {
      ask()
      return (asked ?? Promise.resolve()).then(...handlers)
    },
  }) as ExchangeResult
  asks.defer(ask)
  return result
}
