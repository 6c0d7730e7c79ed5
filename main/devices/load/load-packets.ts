import { generate, type IConnectPacket } from 'mqtt-packet'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import { forLibrary } from '../guest/mqtt-properties.ts'
import { withoutUserName } from '../guest/password-alone.ts'

/** What the packets of load clients look like. CONNECT is rare and left to the library; the others are written here, and PUBLISH where devices write it. */

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
  if (password !== undefined) {
    // The library writes none without a user name.
    packet.username = username ?? ''
    packet.password = Buffer.from(password)
  }
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
  const octets = generate(packet, { protocolVersion })
  return password !== undefined && username === undefined
    ? withoutUserName(octets, Buffer.byteLength(password))
    : octets
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
