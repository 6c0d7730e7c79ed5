import { generate, type IConnectPacket } from 'mqtt-packet'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import { forLibrary } from '../guest/mqtt-properties.ts'

/** What the packets of load clients look like. CONNECT is rare and left to the library; the others are written here. */

export const pingreq = Buffer.from([0xc0, 0])
/** Normal disconnection, in every version. */
export const disconnect = Buffer.from([0xe0, 0])

export function encodeConnect(settings: ClientSettings): Buffer {
  const { protocolVersion, clientId, cleanStart, keepAlive, username, password, will, properties } = settings
  const packet: IConnectPacket = {
    cmd: 'connect',
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion,
    clientId,
    clean: cleanStart,
    keepalive: keepAlive,
  }
  if (username !== undefined) packet.username = username
  if (password !== undefined) packet.password = Buffer.from(password)
  if (will !== undefined) {
    const { topic, payload, qos, retain } = will
    packet.will = {
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload),
      qos,
      retain,
      ...(will.properties === undefined ? {} : { properties: forLibrary(will.properties) }),
    }
  }
  if (properties !== undefined) packet.properties = forLibrary(properties)
  return generate(packet, { protocolVersion })
}

/** PUBLISH [MQTT 3.1.1 §3.3]; `packetId` is left out at QoS 0. In MQTT 5 there is one octet for no properties. */
export function encodePublish(message: {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly packetId: number
  readonly version: 3 | 4 | 5
}): Buffer {
  const { topic, payload, qos, retain, packetId, version } = message
  const topicLength = Buffer.byteLength(topic)
  const remaining = 2 + topicLength + (qos === 0 ? 0 : 2) + (version === 5 ? 1 : 0) + Buffer.byteLength(payload)
  const packet = Buffer.allocUnsafe(1 + lengthOfLength(remaining) + remaining)
  packet[0] = 0x30 | (qos << 1) | (retain ? 1 : 0)
  let at = writeLength(packet, remaining)
  at = packet.writeUInt16BE(topicLength, at)
  at += packet.write(topic, at)
  if (qos !== 0) at = packet.writeUInt16BE(packetId, at)
  if (version === 5) packet[at++] = 0
  packet.write(payload, at)
  return packet
}

/** The same PUBLISH, sent again [MQTT-3.3.1-1]. */
export function withDup(publish: Buffer): Buffer {
  const again = Buffer.from(publish)
  again[0] = (again[0] as number) | 0x08
  return again
}

const answerOctet = { PUBACK: 0x40, PUBREC: 0x50, PUBREL: 0x62, PUBCOMP: 0x70 } as const

/**
 * PUBACK, PUBREC, PUBREL or PUBCOMP.
 *
 * @param code the Reason Code of MQTT 5; 0 is left out, as it may be [MQTT 5 §3.4.2.1], and has to be in 3.1.1
 */
export function encodeAnswer(type: keyof typeof answerOctet, packetId: number, code: number): Buffer {
  const id = [packetId >>> 8, packetId & 0xff]
  return code === 0 ? Buffer.from([answerOctet[type], 2, ...id]) : Buffer.from([answerOctet[type], 3, ...id, code])
}

/** [MQTT 3.1.1 §2.2.3] */
function lengthOfLength(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4
}

function writeLength(packet: Buffer, length: number): number {
  let at = 1
  let left = length
  while (left >= 0x80) {
    packet[at++] = (left & 0x7f) | 0x80
    left >>>= 7
  }
  packet[at++] = left
  return at
}
