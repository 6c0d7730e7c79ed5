import { generate } from 'mqtt-packet'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { PublishProperties } from '../../../app/script-api/properties.ts'
import { forLibrary } from './mqtt-properties.ts'

/** An Application Message on its way to the broker. */
export interface OutgoingMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly properties?: PublishProperties | undefined
}

/**
 * Writes PUBLISH [MQTT 3.1.1 §3.3, MQTT 5 §3.3] into one piece of memory. MQTT.js copies a message of QoS 1 or 2 whole to
 * keep it, writes it in eight pieces, and has no public way to send one again with DUP.
 *
 * A payload that is text goes out as UTF-8.
 *
 * @param packetId of no account at QoS 0
 */
export function encodePublish(
  {
    payload,
    properties,
    qos,
    retain,
    topic,
  }: Omit<OutgoingMessage, 'payload'> & { readonly payload: string | Uint8Array },
  packetId: number,
  dup: boolean,
  version: ProtocolVersion,
): Buffer {
  if (version === 5 && properties !== undefined) {
    const octets =
      typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    const about = { cmd: 'publish', topic, qos, retain, dup, messageId: packetId, payload: octets } as const
    return generate({ ...about, properties: forLibrary(properties) }, { protocolVersion: 5 })
  }
  const topicLength = Buffer.byteLength(topic)
  const noProperties = version === 5 ? 1 : 0
  const payloadLength = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const remaining = 2 + topicLength + (qos === 0 ? 0 : 2) + noProperties + payloadLength
  const lengthOctets = remaining < 0x80 ? 1 : remaining < 0x4000 ? 2 : remaining < 0x20_0000 ? 3 : 4
  const octets = Buffer.allocUnsafe(1 + lengthOctets + remaining)
  octets[0] = 0x30 | (dup ? 0x08 : 0) | (qos << 1) | (retain ? 1 : 0)
  let at = 1
  // [MQTT-2.2.3]: seven bits in an octet, the lowest first.
  for (let left = remaining; at <= lengthOctets; left >>>= 7) {
    octets[at] = (left & 0x7f) | (at < lengthOctets ? 0x80 : 0)
    at++
  }
  at = octets.writeUInt16BE(topicLength, at)
  at += octets.write(topic, at)
  if (qos !== 0) at = octets.writeUInt16BE(packetId, at)
  if (noProperties === 1) octets[at++] = 0
  if (typeof payload === 'string') octets.write(payload, at)
  else octets.set(payload, at)
  return octets
}

/** PUBREL [MQTT 3.1.1 §3.6]; in MQTT 5 the Reason Code of success may be left out [MQTT 5 §3.6.2.1]. */
export function encodePubrel(packetId: number): Buffer {
  return Buffer.from([0x62, 2, packetId >>> 8, packetId & 0xff])
}
