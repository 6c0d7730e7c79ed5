import { generate } from 'mqtt-packet'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { Farewell } from '../../../app/script-api/crossing.ts'
import { forLibrary } from './mqtt-properties.ts'

/**
 * DISCONNECT as a client sends it [MQTT 3.1.1 §3.14, MQTT 5 §3.14]. A normal disconnection without properties is the same
 * two octets in every version; before MQTT 5 there is no other.
 */
export function encodeDisconnect(farewell: Farewell = {}, version: ProtocolVersion): Buffer {
  const { properties, reasonCode = 0 } = farewell
  if (version !== 5 || (reasonCode === 0 && properties === undefined)) return Buffer.from([0xe0, 0x00])
  const more = properties === undefined ? {} : { properties: forLibrary(properties) }
  return generate({ cmd: 'disconnect', reasonCode, ...more }, { protocolVersion: 5 })
}
