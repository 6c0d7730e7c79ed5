import type { Socket } from 'node:net'
import { Framer } from '../../../app/mqtt/framer.ts'

/** Where the Connect Flags are in the Variable Header: after `MQTT` with its length, and the version [MQTT 5 §3.1.2]. */
const flagsAt = 7
const userNameFlag = 0x80

/**
 * A CONNECT of MQTT 5 without its user name, which must be empty: a password alone [MQTT 5 §3.1.2.9]. mqtt-packet refuses to
 * write one. User name and password are the last fields of the Payload [MQTT 5 §3.1.3].
 *
 * @param connect the whole packet
 * @param passwordLength in octets
 */
export function withoutUserName(connect: Buffer, passwordLength: number): Buffer {
  let bodyAt = 1
  while ((connect[bodyAt] as number) >= 0x80) bodyAt++
  bodyAt++
  const passwordAt = connect.length - passwordLength - 2
  const body = Buffer.concat([connect.subarray(bodyAt, passwordAt - 2), connect.subarray(passwordAt)])
  body[flagsAt] = (body[flagsAt] as number) & ~userNameFlag
  return Buffer.concat([connect.subarray(0, 1), Buffer.from(lengthOf(body)), body])
}

/** Remaining Length: seven bits in an octet, the lowest first [MQTT 5 §1.5.5]. */
function lengthOf(body: Buffer): number[] {
  const octets: number[] = []
  for (let left = body.length; left > 0; left >>>= 7) octets.push((left & 0x7f) | (left >= 0x80 ? 0x80 : 0))
  return octets
}

/** MQTT.js writes a CONNECT with an empty user name to this socket, in pieces, as the first packet; it goes out without. */
export function leaveOutUserName(socket: Socket, passwordLength: number): void {
  const write = socket.write.bind(socket)
  const framer = new Framer((octets) => {
    socket.write = write
    write(withoutUserName(Buffer.from(octets), passwordLength))
  })
  socket.write = (octets: string | Uint8Array) => {
    framer.push(typeof octets === 'string' ? Buffer.from(octets) : octets)
    return true
  }
}
