import type { ProtocolVersion, QoS } from '../control-packet.ts'
import type { PublishPacket } from '../packets.ts'
import { bodyStart, Cursor } from './cursor.ts'
import { messageProperties, readProperties } from './read-properties.ts'
import { malformed, protocolError, refuse } from './refuse.ts'
import { view } from './text.ts'
import { published, readTopicName, type TopicReader } from './topic-reader.ts'

const nothing = new Uint8Array(0)

/**
 * Reads a PUBLISH of a Client [MQTT 3.1.1 §3.3, MQTT 5 §3.3]. A payload that says that it is text is not checked.
 *
 * @param octets one whole packet. Payload and Correlation Data are views of them.
 * @param topics of this Network Connection.
 * @throws PacketError
 */
export function readPublish(octets: Uint8Array, version: ProtocolVersion, topics?: TopicReader): PublishPacket {
  let at = bodyStart(octets, version)
  const first = octets[0] as number
  const qos = (first >>> 1) & 3
  if (qos === 3) refuse(malformed, version, '3.3.1-4', '3.3.1-4', 'both QoS bits of PUBLISH are 1')
  if ((first & 0x0e) === 0x08) refuse(malformed, version, '3.3.1-2', '3.3.1-2', 'DUP is 1, though QoS is 0')
  const end = octets.length
  const topicStart = at + 2
  if (topicStart > end) refuse(malformed, version, '3.3.2-1', '3.3.2-1', 'Topic Name is missing')
  const topicEnd = topicStart + (((octets[at] as number) << 8) | (octets[at + 1] as number))
  if (topicEnd > end) refuse(malformed, version, '§1.5.3', '§1.5.4', 'Topic Name goes past the end')
  const topic =
    topics === undefined
      ? readTopicName(octets, topicStart, topicEnd, version, 'Topic Name', published)
      : topics.read(octets, topicStart, topicEnd, version)
  at = topicEnd
  let packetId = 0
  if (qos !== 0) {
    at += 2
    if (at > end) refuse(malformed, version, '2.3.1-1', '2.2.1-3', 'Packet Identifier is missing')
    packetId = ((octets[topicEnd] as number) << 8) | (octets[topicEnd + 1] as number)
    if (packetId === 0) refuse(protocolError, version, '2.3.1-1', '2.2.1-3', 'Packet Identifier is 0')
  }
  const dup = (first & 8) !== 0
  const retain = (first & 1) !== 0
  if (version === 5) {
    if (octets[at] !== 0) return withProperties(octets, at, dup, qos as QoS, retain, topic, packetId)
    at += 1
  }
  if (topic === '') refuseEmpty(version)
  const payload = at === end ? nothing : view(octets, at, end)
  return {
    dup,
    qos: qos as QoS,
    retain,
    topic,
    packetId,
    payload,
    properties: undefined,
    messageExpiryInterval: undefined,
    topicAlias: 0,
  }
}

/** The rest of a PUBLISH of MQTT 5 whose Property Length is not 0, or is missing. */
function withProperties(
  octets: Uint8Array,
  at: number,
  dup: boolean,
  qos: QoS,
  retain: boolean,
  topic: string,
  packetId: number,
): PublishPacket {
  const cursor = new Cursor(octets, 5)
  cursor.at = at
  const values = readProperties(cursor, 'PUBLISH')
  const topicAlias = values?.topicAlias ?? 0
  if (topic === '' && topicAlias === 0) refuseEmpty(5)
  return {
    dup,
    qos,
    retain,
    topic,
    packetId,
    payload: cursor.at === cursor.end ? nothing : view(octets, cursor.at, cursor.end),
    properties: messageProperties(values),
    messageExpiryInterval: values?.messageExpiryInterval,
    topicAlias,
  }
}

function refuseEmpty(version: ProtocolVersion): never {
  const message = version === 5 ? 'Topic Name is empty and there is no Topic Alias' : 'Topic Name is empty'
  return refuse(version === 5 ? protocolError : malformed, version, '4.7.3-1', '4.7.3-1', message)
}
