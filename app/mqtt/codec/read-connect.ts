import type { ProtocolVersion, QoS } from '../control-packet.ts'
import { type ConnectPacket, PacketError, type WillPacket } from '../packets.ts'
import { hasWildcard } from '../topics.ts'
import { bodyStart, Cursor, checkFlags, type Statements } from './cursor.ts'
import { messageProperties, type PropertyValues, readProperties, userPropertiesOf } from './read-properties.ts'
import { malformed, protocolError, refuse, unsupportedVersion } from './refuse.ts'

/**
 * Reads a CONNECT [MQTT 3.1.1 §3.1, MQTT 5 §3.1]. What it gives is its own: the packet's octets are not kept.
 *
 * Whether a Client Identifier may be empty or long [MQTT-3.1.3-7, MQTT-3.1.3-8] is not checked here: the broker answers
 * that with a Return Code.
 *
 * @throws PacketError; with 0x84 for a protocol or a version that is not spoken.
 */
export function readConnect(octets: Uint8Array): ConnectPacket {
  const cursor = new Cursor(octets, 4)
  const version = readVersion(cursor)
  cursor.version = version
  checkFlags(octets, 0x10, 'CONNECT', version)
  // Only now it is known whether the Remaining Length must take as few octets as it can.
  if (version === 5) bodyStart(octets, version)
  const flags = cursor.octet('Connect Flags')
  checkConnectFlags(flags, version)
  const keepAlive = cursor.uint16('Keep Alive')
  const values = version === 5 ? readProperties(cursor, 'CONNECT') : undefined
  if (values?.authenticationData !== undefined && values.authenticationMethod === undefined) {
    const message = 'Authentication Data is there without an Authentication Method'
    refuse(protocolError, 5, '§3.1.2.11.10', '§3.1.2.11.10', message)
  }
  const clientId = cursor.string('Client Identifier', ['3.1.3-3', '3.1.3-3'])
  const clean = (flags & 0x02) !== 0
  const will = (flags & 0x04) === 0 ? undefined : readWill(cursor, flags)
  const userName = hasCredential(cursor, flags, 0x80) ? cursor.string('User Name', userNameFlag) : undefined
  const password = hasCredential(cursor, flags, 0x40) ? copy(cursor.binary('Password', passwordFlag)) : undefined
  cursor.finish('CONNECT')
  return { version, clientId, clean, keepAlive, will, userName, password, ...fromProperties(values) }
}

const userNameFlag: Statements = ['3.1.2-19', '3.1.2-17']
const passwordFlag: Statements = ['3.1.2-21', '3.1.2-19']

function readVersion(cursor: Cursor): ProtocolVersion {
  const name = cursor.string('Protocol Name', ['3.1.2-1', '3.1.2-1'])
  if (name !== 'MQTT' && name !== 'MQIsdp') {
    throw new PacketError(unsupportedVersion, `[MQTT-3.1.2-1] Protocol Name is ${JSON.stringify(name)}, not "MQTT"`)
  }
  const level = cursor.octet('Protocol Level', ['3.1.2-2', '3.1.2-2'])
  if (level !== 3 && level !== 4 && level !== 5) {
    throw new PacketError(
      unsupportedVersion,
      `[MQTT-3.1.2-2] Protocol Level ${level} is not spoken here: 3, 4 and 5 are`,
    )
  }
  const expected = level === 3 ? 'MQIsdp' : 'MQTT'
  if (name !== expected) {
    const message = `Protocol Name is "${name}"; with Protocol Level ${level} it is "${expected}"`
    refuse(unsupportedVersion, level, '3.1.2-1', '3.1.2-1', message)
  }
  return level
}

function checkConnectFlags(flags: number, version: ProtocolVersion): void {
  const wrong = (four: string, five: string, message: string) => refuse(malformed, version, four, five, message)
  const willQos = (flags >>> 3) & 3
  // MQTT 3.1 does not use this bit.
  if ((flags & 0x01) !== 0 && version !== 3) wrong('3.1.2-3', '3.1.2-3', 'the reserved Connect Flag is 1')
  if ((flags & 0x04) !== 0) {
    if (willQos === 3) wrong('3.1.2-14', '3.1.2-12', 'Will QoS is 3; it can be 0, 1 or 2')
  } else if (version !== 3) {
    // Without a Will, MQTT 3.1 disregards both [MQTT 3.1 §3.1].
    if (willQos !== 0) wrong('3.1.2-13', '3.1.2-11', `Will QoS is ${willQos}, though Will Flag is 0`)
    if ((flags & 0x20) !== 0) wrong('3.1.2-15', '3.1.2-13', 'Will Retain is 1, though Will Flag is 0')
  }
  // MQTT 5 allows a Password alone [MQTT 5 §3.1.2.9].
  if ((flags & 0xc0) === 0x40 && version !== 5) {
    wrong('3.1.2-22', '3.1.2-22', 'Password Flag is 1, though User Name Flag is 0')
  }
}

/** In MQTT 3.1 the Remaining Length takes precedence over these flags [MQTT 3.1 §3.1]. */
function hasCredential(cursor: Cursor, flags: number, mask: number): boolean {
  return (flags & mask) !== 0 && !(cursor.version === 3 && cursor.at === cursor.end)
}

const willFlag: Statements = ['3.1.2-9', '3.1.2-9']

function readWill(cursor: Cursor, flags: number): WillPacket {
  const { version } = cursor
  const values = version === 5 ? readProperties(cursor, 'Will Message') : undefined
  const topic = cursor.string('Will Topic', willFlag)
  if (topic === '') refuse(malformed, version, '4.7.3-1', '4.7.3-1', 'Will Topic is empty')
  if (hasWildcard(topic)) refuse(malformed, version, '4.7.1-1', '4.7.0-1', 'Will Topic contains a wildcard character')
  const payload = copy(cursor.binary(version === 5 ? 'Will Payload' : 'Will Message', willFlag))
  if (values?.correlationData !== undefined) values.correlationData = copy(values.correlationData)
  return {
    topic,
    payload,
    qos: ((flags >>> 3) & 3) as QoS,
    retain: (flags & 0x20) !== 0,
    properties: messageProperties(values),
    messageExpiryInterval: values?.messageExpiryInterval,
    willDelayInterval: values?.willDelayInterval ?? 0,
  }
}

/** What a Session keeps must not keep a chunk of the stream with it. */
function copy(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets)
}

/** With the values that MQTT 5 gives what is absent [MQTT 5 §3.1.2.11]. */
function fromProperties(values: PropertyValues | undefined) {
  const data = values?.authenticationData
  return {
    sessionExpiryInterval: values?.sessionExpiryInterval ?? 0,
    receiveMaximum: values?.receiveMaximum ?? 0xffff,
    maximumPacketSize: values?.maximumPacketSize,
    topicAliasMaximum: values?.topicAliasMaximum ?? 0,
    requestResponseInformation: values?.requestResponseInformation === 1,
    requestProblemInformation: values?.requestProblemInformation !== 0,
    userProperties: userPropertiesOf(values),
    authenticationMethod: values?.authenticationMethod,
    authenticationData: data === undefined ? undefined : copy(data),
  }
}
