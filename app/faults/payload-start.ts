import { type ProtocolVersion, packetTypeOf } from '../mqtt/control-packet.ts'
import { readVariableByteInteger } from '../mqtt/summary.ts'

/**
 * Where the payload of a Control Packet begins: the end of its fixed and variable header [MQTT 3.1.1 §2.4, MQTT 5 §2.5].
 * The packet's length where it has no payload, and where its header cannot be read to its end.
 */
export function payloadStart(octets: Uint8Array, version: ProtocolVersion): number {
  const start = readVariableByteInteger(octets, 1)?.end
  const end = start === undefined ? undefined : headerEnd(octets, start, version)
  return end === undefined ? octets.length : Math.min(end, octets.length)
}

function headerEnd(octets: Uint8Array, start: number, version: ProtocolVersion): number | undefined {
  switch (packetTypeOf(octets[0] as number)) {
    case 'CONNECT': {
      const level = afterString(octets, start)
      if (level === undefined) return undefined
      // Protocol Level, Connect Flags and Keep Alive are 4 octets. A CONNECT says itself which version it is.
      return octets[level] === 5 ? afterProperties(octets, level + 4) : level + 4
    }
    case 'PUBLISH': {
      const qos = ((octets[0] as number) >>> 1) & 3
      const topicEnd = afterString(octets, start)
      // With both QoS bits set [MQTT-3.3.1-4] nobody can say whether a Packet Identifier follows.
      if (topicEnd === undefined || qos === 3) return undefined
      const idEnd = qos === 0 ? topicEnd : topicEnd + 2
      return version === 5 ? afterProperties(octets, idEnd) : idEnd
    }
    case 'SUBSCRIBE':
    case 'SUBACK':
    case 'UNSUBSCRIBE':
    case 'UNSUBACK':
      return version === 5 ? afterProperties(octets, start + 2) : start + 2
    default:
      return undefined
  }
}

function afterString(octets: Uint8Array, start: number): number | undefined {
  const high = octets[start]
  const low = octets[start + 1]
  return high === undefined || low === undefined ? undefined : start + 2 + high * 256 + low
}

function afterProperties(octets: Uint8Array, start: number): number | undefined {
  const length = readVariableByteInteger(octets, start)
  return length === undefined ? undefined : length.end + length.value
}
