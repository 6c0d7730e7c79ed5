import type { ProtocolVersion, QoS } from '../control-packet.ts'
import { PacketError, type SubscribePacket, type SubscriptionRequest, type UnsubscribePacket } from '../packets.ts'
import { filterProblem } from '../topics.ts'
import { Cursor, checkFlags, type Statements } from './cursor.ts'
import { readProperties } from './read-properties.ts'
import { malformed, protocolError, refuse } from './refuse.ts'

const needsId: Statements = ['2.3.1-1', '2.2.1-3']

/**
 * Reads a SUBSCRIBE [MQTT 3.1.1 §3.8, MQTT 5 §3.8].
 *
 * @throws PacketError
 */
export function readSubscribe(octets: Uint8Array, version: ProtocolVersion): SubscribePacket {
  checkFlags(octets, 0x82, 'SUBSCRIBE', version)
  const cursor = new Cursor(octets, version)
  const packetId = cursor.packetId(needsId)
  const values = version === 5 ? readProperties(cursor, 'SUBSCRIBE') : undefined
  if (cursor.at === cursor.end) refuse(protocolError, version, '3.8.3-3', '3.8.3-2', 'SUBSCRIBE has no Topic Filter')
  const subscriptions: SubscriptionRequest[] = []
  while (cursor.at < cursor.end) subscriptions.push(readRequest(cursor))
  return { packetId, subscriptions, subscriptionIdentifier: values?.subscriptionIdentifier }
}

/**
 * Reads an UNSUBSCRIBE [MQTT 3.1.1 §3.10, MQTT 5 §3.10].
 *
 * @throws PacketError
 */
export function readUnsubscribe(octets: Uint8Array, version: ProtocolVersion): UnsubscribePacket {
  checkFlags(octets, 0xa2, 'UNSUBSCRIBE', version)
  const cursor = new Cursor(octets, version)
  const packetId = cursor.packetId(needsId)
  if (version === 5) readProperties(cursor, 'UNSUBSCRIBE')
  if (cursor.at === cursor.end) {
    refuse(protocolError, version, '3.10.3-2', '3.10.3-2', 'UNSUBSCRIBE has no Topic Filter')
  }
  const filters: string[] = []
  while (cursor.at < cursor.end) filters.push(readFilter(cursor))
  return { packetId, filters }
}

function readFilter(cursor: Cursor): string {
  const filter = cursor.string('Topic Filter')
  const problem = filterProblem(filter, cursor.version)
  if (problem !== undefined) throw new PacketError(malformed, problem)
  return filter
}

function readRequest(cursor: Cursor): SubscriptionRequest {
  const filter = readFilter(cursor)
  if (cursor.version === 5) return readOptions(cursor, filter)
  const octet = cursor.octet('Requested QoS', ['3.8.3-4', '3.8.3-4'])
  const qos = octet & 3
  // MQTT 3.1 does not use the other bits [MQTT 3.1 §3.8].
  if (octet !== qos && cursor.version === 4) {
    refuse(malformed, 4, '3.8.3-4', '3.8.3-4', 'a reserved bit of Requested QoS is 1')
  }
  if (qos === 3) refuse(malformed, cursor.version, '3.8.3-4', '3.8.3-4', 'Requested QoS is 3')
  return { filter, qos: qos as QoS, noLocal: false, retainAsPublished: false, retainHandling: 0 }
}

/** Subscription Options [MQTT 5 §3.8.3.1]. */
function readOptions(cursor: Cursor, filter: string): SubscriptionRequest {
  const options = cursor.octet('Subscription Options', ['§3.8.3.1', '§3.8.3.1'])
  const qos = options & 3
  const noLocal = (options & 4) !== 0
  const retainHandling = (options >>> 4) & 3
  const wrong = (code: number, statement: string, message: string) => refuse(code, 5, statement, statement, message)
  if ((options & 0xc0) !== 0) wrong(malformed, '3.8.3-5', 'a reserved bit of the Subscription Options is 1')
  if (retainHandling === 3) wrong(protocolError, '§3.8.3.1', 'Retain Handling is 3')
  if (qos === 3) wrong(protocolError, '§3.8.3.1', 'Maximum QoS is 3')
  if (noLocal && filter.startsWith('$share/')) {
    wrong(protocolError, '3.8.3-4', 'No Local is 1 on a Shared Subscription')
  }
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  }
}
