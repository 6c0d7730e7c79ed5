/** MQTT Control Packet types by their number in the fixed header [MQTT 3.1.1 §2.2.1, MQTT 5 §2.1.2]. */
export const packetTypes = [
  undefined,
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
] as const

export type PacketType = Exclude<(typeof packetTypes)[number], undefined>

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0: the Protocol Level of CONNECT [MQTT-3.1.2-2]. */
export type ProtocolVersion = 3 | 4 | 5

export type QoS = 0 | 1 | 2

/** The type of the packet that starts with this octet; undefined for the reserved type 0. */
export function packetTypeOf(firstOctet: number): PacketType | undefined {
  return packetTypes[firstOctet >>> 4]
}
