import type { QoS } from 'faultline'
import { checkKeys } from '../mistake.ts'
import type { PublishProperties, SubscribeProperties } from '../properties.ts'
import {
  filled,
  type Given,
  integer,
  messagePropertyKeys,
  needVersion5,
  paths,
  read,
  readMessageProperties,
  readUserProperties,
} from './properties.ts'
import { checkFlag, checkQoS, checkRetainHandling } from './values.ts'

const publishKeys = ['qos', 'retain', ...messagePropertyKeys, 'topicAlias']
const subscribeKeys = [
  'qos',
  'noLocal',
  'retainAsPublished',
  'retainHandling',
  'subscriptionIdentifier',
  'userProperties',
]

/**
 * Checks the options of `publish(...)`.
 *
 * @param version the protocol version of the client
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function readPublishOptions(
  options: unknown,
  version: number,
): {
  qos?: QoS
  retain?: boolean
  topicAlias?: number
  properties?: PublishProperties | undefined
} {
  if (options === undefined) return {}
  checkKeys(options, publishKeys, 'publish(...)')
  const given = options as Given
  const path = paths('publish', undefined)
  const { qos = 0, retain = false } = given
  const basics = { qos: checkQoS(qos, ...path('qos')), retain: checkFlag(retain, ...path('retain')) }
  if (!hasMore(given)) return basics
  needVersion5(version, given, publishKeys.slice(2), 'publish')
  const topicAlias = read(given['topicAlias'], path('topicAlias'), integer(1, 65_535))
  const about = readMessageProperties(given, 'publish')
  if (topicAlias === undefined) return { ...basics, properties: about }
  return { ...basics, topicAlias, properties: { ...about, topicAlias } }
}

function hasMore(given: Given): boolean {
  for (const key in given) if (key !== 'qos' && key !== 'retain') return true
  return false
}

/** As `readPublishOptions`, of `subscribe(...)`; the QoS and what is given besides it. */
export function readSubscribeOptions(
  options: unknown,
  version: number,
): {
  qos: QoS
  more:
    | { noLocal?: boolean; retainAsPublished?: boolean; retainHandling?: 0 | 1 | 2; properties?: SubscribeProperties }
    | undefined
} {
  checkKeys(options, subscribeKeys, 'subscribe(...)')
  const given = options as Given
  const path = paths('subscribe', undefined)
  const qos = checkQoS(given['qos'] ?? 0, ...path('qos'))
  needVersion5(version, given, subscribeKeys.slice(1), 'subscribe')
  const more = filled({
    noLocal: read(given['noLocal'], path('noLocal'), checkFlag),
    retainAsPublished: read(given['retainAsPublished'], path('retainAsPublished'), checkFlag),
    retainHandling: read(given['retainHandling'], path('retainHandling'), checkRetainHandling),
    properties: filled({
      subscriptionIdentifier: read(
        given['subscriptionIdentifier'],
        path('subscriptionIdentifier'),
        integer(1, 268_435_455),
      ),
      userProperties: read(given['userProperties'], path('userProperties'), readUserProperties),
    }),
  })
  return { qos, more }
}
