import type { BrokerHandle, RefusalName } from 'faultline'
import { closest } from '../../../base/closest.ts'
import { mistake, shown } from '../../mistake.ts'
import type { BrokerOrder } from '../../scenario-crossing.ts'
import { checkTopicName } from '../../topics.ts'
import { filled } from '../properties.ts'
import { checkFlag, checkQoS } from '../values.ts'
import { type Asks, nothing } from './asks.ts'
import { payloadOf } from './clients.ts'
import type { Handles } from './handles.ts'
import { optionalWhole, optionsOf, textOf, wholeNumber } from './options.ts'

const refusals: readonly RefusalName[] = [
  'unspecified error',
  'unsupported protocol version',
  'client identifier not valid',
  'bad user name or password',
  'not authorized',
  'server unavailable',
  'server busy',
  'banned',
  'quota exceeded',
  'use another server',
  'server moved',
  'connection rate exceeded',
]

export function createBroker(asks: Asks, handles: Handles): BrokerHandle {
  const order = (what: () => BrokerOrder) => asks.ask(() => ({ do: 'broker', what: what() }), nothing)
  const broker: BrokerHandle = {
    kind: 'broker handle',
    stop: () => order(() => ({ order: 'stop' })),
    kill: () => order(() => ({ order: 'kill' })),
    start: () => order(() => ({ order: 'start' })),
    accept: () => order(() => ({ order: 'accept' })),
    refuse: (reason, options) => order(() => refusal(handles, reason, options)),
    maxConnections: (count) =>
      order(() => ({
        order: 'maxConnections',
        count: wholeNumber(count, 'the count of maxConnections', 0, 1_000_000),
      })),
    expireSession: (of) => order(() => ({ order: 'expireSession', id: handles.clientsOf(of, 'expireSession(...)') })),
    publish: (topic, payload, options) =>
      asks.ask(() => {
        const { qos = 0, retain = false } = optionsOf(options, ['qos', 'retain'], 'publish(...)')
        const { text, octets } = payloadOf(payload)
        const what: BrokerOrder = {
          order: 'publish',
          topic: checkTopicName(topic, 'the topic'),
          ...text,
          qos: checkQoS(qos, 'the qos of publish'),
          retain: checkFlag(retain, 'the retain of publish'),
        }
        return [{ do: 'broker', what }, octets]
      }, nothing),
    connections: () => asks.ask(() => ({ do: 'read', what: 'connections', of: '' }), Number),
  }
  return handles.add(broker, { is: 'broker' })
}

function refusal(handles: Handles, reason: unknown, options: unknown): BrokerOrder {
  const name = textOf(reason, 'the reason of refuse')
  if (!refusals.some((known) => known === name)) {
    const meant = closest(name, refusals)
    const offer = meant === undefined ? `there are ${refusals.join(', ')}` : `did you mean '${meant}'?`
    throw mistake(`refuse has no reason ${shown(name)}; ${offer}`)
  }
  const given = optionsOf(options, ['clients', 'times'], 'refuse(...)')
  const { clients } = given
  const more = filled({
    clients: clients === undefined ? undefined : handles.clientsOf(clients, 'clients of refuse'),
    times: optionalWhole(given['times'], 'times of refuse', 1),
  })
  return { order: 'refuse', reason: name, ...more }
}
