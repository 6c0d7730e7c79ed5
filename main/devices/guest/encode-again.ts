import type { Unacknowledged } from './outgoing-messages.ts'

/**
 * Writes what a client sends again on a new connection: PUBLISH with DUP (MQTT 3.1.1 §3.3) or PUBREL (§3.6). MQTT.js has
 * no public way to send a packet that it has sent before.
 */
export function encodeAgain(message: Unacknowledged): Buffer {
  const packetId = uint16(message.packetId)
  if (message.type === 'PUBREL') return Buffer.from([0x62, 2, ...packetId])
  const topic = Buffer.from(message.topic)
  const flags = 0x08 | (message.qos << 1) | (message.retain ? 1 : 0)
  const header = Buffer.concat([uint16(topic.length), topic, packetId])
  const length = variableByteInteger(header.length + message.payload.length)
  return Buffer.concat([Buffer.from([0x30 | flags, ...length]), header, message.payload])
}

function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 0xff])
}

/** [MQTT-2.2.3]: seven bits in an octet, the lowest first. */
function variableByteInteger(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...variableByteInteger(Math.floor(value / 0x80))]
}
