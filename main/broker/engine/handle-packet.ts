import { readAck } from '../../../app/mqtt/codec/read-acks.ts'
import { checkPing, readAuth, readDisconnect } from '../../../app/mqtt/codec/read-disconnect.ts'
import { readSubscribe, readUnsubscribe } from '../../../app/mqtt/codec/read-subscribe.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import { PacketError } from '../../../app/mqtt/packets.ts'
import type { Client } from './client.ts'
import { published, released } from './publishing.ts'
import { codes } from './reason-codes.ts'
import type { Services } from './services.ts'
import { subscribed, unsubscribed } from './subscribing.ts'

/** DISCONNECT asks for the Will Message nevertheless [MQTT 5 §3.14.2.1]. */
const withWill = 0x04

/** Does what a client asks for, once it is connected. @throws PacketError */
export function handlePacket(engine: Services, client: Client, type: PacketType, octets: Uint8Array): void {
  switch (type) {
    case 'PUBLISH':
      published(engine, client, octets)
      return
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBCOMP':
      answered(client, type, octets)
      return
    case 'PUBREL': {
      const { packetId } = readAck(octets, client.version)
      released(client, packetId)
      return
    }
    case 'SUBSCRIBE':
      subscribed(engine, client, readSubscribe(octets, client.version))
      return
    case 'UNSUBSCRIBE':
      unsubscribed(engine, client, readUnsubscribe(octets, client.version))
      return
    case 'PINGREQ':
      checkPing(octets, client.version)
      client.sendPingresp()
      return
    case 'DISCONNECT':
      disconnected(client, octets)
      return
    case 'CONNECT':
      throw new PacketError(codes.protocolError, 'a second CONNECT [MQTT-3.1.0-2]')
    case 'AUTH':
      // CONNECT without an Authentication Method is the only one that is accepted here [MQTT-4.12.0-7].
      readAuth(octets)
      throw new PacketError(codes.protocolError, 'AUTH, where CONNECT named no Authentication Method [MQTT-4.12.0-7]')
    default:
      throw new PacketError(codes.protocolError, `${type}, a packet that only a broker sends`)
  }
}

function answered(client: Client, type: 'PUBACK' | 'PUBREC' | 'PUBCOMP', octets: Uint8Array): void {
  const { packetId, code } = readAck(octets, client.version)
  const violation = client.session?.answered(type, packetId, code)
  if (violation !== undefined) throw new PacketError(codes.protocolError, violation)
}

function disconnected(client: Client, octets: Uint8Array): void {
  const { code, sessionExpiryInterval } = readDisconnect(octets, client.version)
  const { session } = client
  if (sessionExpiryInterval !== undefined && session !== undefined) {
    if (client.accepted?.packet.sessionExpiryInterval === 0 && sessionExpiryInterval > 0) {
      throw new PacketError(
        codes.protocolError,
        'DISCONNECT sets a Session Expiry Interval where CONNECT had none [MQTT 5 §3.14.2.2.2]',
      )
    }
    client.changeExpiry(sessionExpiryInterval)
  }
  if (code === 0) client.close('the client sent DISCONNECT', undefined, 'disconnected')
  else if (code === withWill) client.close('the client sent DISCONNECT with Will Message', undefined, 'failed')
  else client.close(`the client sent DISCONNECT with 0x${code.toString(16)}`, undefined, 'failed')
}
