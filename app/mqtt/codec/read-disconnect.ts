import type { ProtocolVersion } from '../control-packet.ts'
import type { AuthPacket, DisconnectPacket } from '../packets.ts'
import { Cursor, checkFlags } from './cursor.ts'
import { readProperties } from './read-properties.ts'
import { protocolError, refuse } from './refuse.ts'

/** Reason Codes of DISCONNECT that a Client may send [MQTT 5 §3.14.2.1, Table 3-10]. */
const endings = new Set([0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99])

/**
 * Reads a DISCONNECT of a Client [MQTT 3.1.1 §3.14, MQTT 5 §3.14].
 *
 * @throws PacketError
 */
export function readDisconnect(octets: Uint8Array, version: ProtocolVersion): DisconnectPacket {
  checkFlags(octets, 0xe0, 'DISCONNECT', version)
  const cursor = new Cursor(octets, version)
  if (version !== 5 || cursor.at === cursor.end) {
    cursor.finish('DISCONNECT')
    return { code: 0, sessionExpiryInterval: undefined, reasonString: undefined }
  }
  const code = cursor.octet('Reason Code')
  if (!endings.has(code)) refuseCode(code, 'DISCONNECT', '3.14.2-1')
  const values = cursor.at === cursor.end ? undefined : readProperties(cursor, 'DISCONNECT')
  cursor.finish('DISCONNECT')
  return { code, sessionExpiryInterval: values?.sessionExpiryInterval, reasonString: values?.reasonString }
}

/**
 * Reads an AUTH of a Client, which only MQTT 5 has [MQTT 5 §3.15]: 0x18 Continue authentication or 0x19 Re-authenticate.
 *
 * @throws PacketError
 */
export function readAuth(octets: Uint8Array): AuthPacket {
  checkFlags(octets, 0xf0, 'AUTH', 5)
  const cursor = new Cursor(octets, 5)
  // Left out means 0x00 Success, which is for a Server to say [MQTT 5 §3.15.2.1].
  const code = cursor.at === cursor.end ? 0 : cursor.octet('Reason Code')
  if (code !== 0x18 && code !== 0x19) refuseCode(code, 'AUTH', '3.15.2-1')
  const authenticationMethod = readProperties(cursor, 'AUTH')?.authenticationMethod
  if (authenticationMethod === undefined) {
    refuse(protocolError, 5, '§3.15.2.2.2', '§3.15.2.2.2', 'AUTH has no Authentication Method')
  }
  cursor.finish('AUTH')
  return { code, authenticationMethod }
}

/**
 * Checks a PINGREQ, which says nothing but that the Client is there [MQTT 3.1.1 §3.12, MQTT 5 §3.12].
 *
 * @throws PacketError
 */
export function checkPing(octets: Uint8Array, version: ProtocolVersion = 4): void {
  if (octets[0] === 0xc0 && octets[1] === 0 && octets.length === 2) return
  checkFlags(octets, 0xc0, 'PINGREQ', version)
  new Cursor(octets, version).finish('PINGREQ')
}

function refuseCode(code: number, type: string, statement: string): never {
  const name = `0x${code.toString(16).padStart(2, '0')}`
  return refuse(protocolError, 5, statement, statement, `${name} is no Reason Code that a Client may send in ${type}`)
}
