import {
  ack,
  connect,
  disconnect,
  type PropertyList,
  pingreq,
  publish,
  subscribe,
  unsubscribe,
  type Version,
} from '../../../../helpers/mqtt-octets.ts'
import type { ConnectOptions, Filter, Sent } from './model-words.ts'

const never = 0xffff_ffff

/** The octets of what a client sends. @param dup of PUBLISH */
export function octetsOf(sent: Sent, clientId: string, version: Version, dup: boolean): Buffer {
  switch (sent.kind) {
    case 'CONNECT':
      return connectOf(sent.options, clientId)
    case 'PUBLISH': {
      const { expiry, payload, qos, retain, topic } = sent.message
      const properties: PropertyList = expiry === undefined ? [] : [['messageExpiryInterval', expiry]]
      const packetId = qos > 0 ? { packetId: sent.packetId } : {}
      return publish(version, topic, payload, { qos, retain, dup, properties, ...packetId })
    }
    case 'SUBSCRIBE': {
      const filters = sent.filters.map((filter) => [filter.filter, optionsOf(filter)] as const)
      const { identifier } = sent
      return subscribe(
        version,
        sent.packetId,
        filters,
        identifier === undefined ? [] : [['subscriptionIdentifier', identifier]],
      )
    }
    case 'UNSUBSCRIBE':
      return unsubscribe(version, sent.packetId, [sent.filter])
    case 'PINGREQ':
      return pingreq
    case 'DISCONNECT': {
      const expiry: PropertyList =
        sent.expiry === undefined ? [] : [['sessionExpiryInterval', Math.min(sent.expiry, never)]]
      return version === 5 ? disconnect(sent.withWill ? 4 : 0, expiry) : disconnect()
    }
    default:
      return ack(sent.kind, sent.packetId)
  }
}

function optionsOf({ noLocal, qos, retainAsPublished, retainHandling }: Filter): number {
  return qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4)
}

function connectOf(options: ConnectOptions, clientId: string): Buffer {
  const { clean, expiry, keepAlive, receiveMaximum, topicAliasMaximum, version, will } = options
  const message = will?.message
  const list: PropertyList = [
    ['sessionExpiryInterval', Math.min(expiry, never)],
    ['receiveMaximum', receiveMaximum],
    ['topicAliasMaximum', topicAliasMaximum],
  ]
  return connect({
    version,
    id: clientId,
    clean,
    keepAlive,
    ...(version === 5 ? { properties: list } : {}),
    ...(will === undefined || message === undefined
      ? {}
      : {
          will: {
            topic: message.topic,
            payload: message.payload,
            qos: message.qos,
            retain: message.retain,
            ...(version === 5 ? { properties: [['willDelayInterval', will.delay]] as const } : {}),
          },
        }),
  })
}
