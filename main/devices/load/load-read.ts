import { type IConnackPacket, parser } from 'mqtt-packet'
import { readVariableByteInteger } from '../../../app/mqtt/summary.ts'

/** What a load client reads of the packets that come, each of them whole and framed. */

const malformed = 0x81

/** CONNACK; one of MQTT 5 that cannot be read is a Malformed Packet [MQTT 5 §4.13.1]. */
export function readConnack(octets: Uint8Array, version: 3 | 4 | 5) {
  if (version !== 5) {
    return { code: octets[3] ?? 0, sessionPresent: (octets[2] ?? 0) === 1 && version === 4, properties: undefined }
  }
  let connack: IConnackPacket | undefined
  const reader = parser({ protocolVersion: 5 })
  reader.on('packet', (packet) => {
    if (packet.cmd === 'connack') connack = packet
  })
  reader.on('error', () => {
    connack = { cmd: 'connack', sessionPresent: false, reasonCode: malformed }
  })
  reader.parse(Buffer.from(octets))
  return {
    code: connack?.reasonCode ?? malformed,
    sessionPresent: connack?.sessionPresent ?? false,
    properties: connack?.properties,
  }
}

/** Packet Identifier and Reason Code of an acknowledgement; the code may be left out [MQTT 5 §3.4.2.1]. */
export function readAnswer(octets: Uint8Array): { readonly packetId: number; readonly code: number } {
  const start = (octets[1] as number) < 0x80 ? 2 : (readVariableByteInteger(octets, 1)?.end ?? 2)
  return { packetId: ((octets[start] ?? 0) << 8) | (octets[start + 1] ?? 0), code: octets[start + 2] ?? 0 }
}

/** The Packet Identifier of a PUBLISH of QoS 1 or 2. */
export function readPublishId(octets: Uint8Array): number {
  const start = readVariableByteInteger(octets, 1)?.end ?? 2
  const at = start + 2 + (((octets[start] ?? 0) << 8) | (octets[start + 1] ?? 0))
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
}
