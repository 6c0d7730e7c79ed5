import type { PacketType } from './control-packet.ts'

/** Packets that carry a Reason Code in MQTT 5. */
export type ReasonedType = Exclude<
  PacketType,
  'CONNECT' | 'PUBLISH' | 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'PINGREQ' | 'PINGRESP'
>

const refusals = ['CONNACK', 'PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK', 'DISCONNECT'] as const
const endings = ['CONNACK', 'DISCONNECT'] as const
const received = ['PUBACK', 'PUBREC'] as const

/** Reason Codes of MQTT 5 and the packets that may carry them [MQTT 5 §2.4, Table 2-6]. */
const reasonCodes: readonly (readonly [code: number, name: string, types: readonly ReasonedType[]])[] = [
  [0x00, 'Success', ['CONNACK', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'UNSUBACK', 'AUTH']],
  [0x00, 'Normal disconnection', ['DISCONNECT']],
  [0x00, 'Granted QoS 0', ['SUBACK']],
  [0x01, 'Granted QoS 1', ['SUBACK']],
  [0x02, 'Granted QoS 2', ['SUBACK']],
  [0x04, 'Disconnect with Will Message', ['DISCONNECT']],
  [0x10, 'No matching subscribers', received],
  [0x11, 'No subscription existed', ['UNSUBACK']],
  [0x18, 'Continue authentication', ['AUTH']],
  [0x19, 'Re-authenticate', ['AUTH']],
  [0x80, 'Unspecified error', refusals],
  [0x81, 'Malformed Packet', endings],
  [0x82, 'Protocol Error', endings],
  [0x83, 'Implementation specific error', refusals],
  [0x84, 'Unsupported Protocol Version', ['CONNACK']],
  [0x85, 'Client Identifier not valid', ['CONNACK']],
  [0x86, 'Bad User Name or Password', ['CONNACK']],
  [0x87, 'Not authorized', refusals],
  [0x88, 'Server unavailable', ['CONNACK']],
  [0x89, 'Server busy', endings],
  [0x8a, 'Banned', ['CONNACK']],
  [0x8b, 'Server shutting down', ['DISCONNECT']],
  [0x8c, 'Bad authentication method', endings],
  [0x8d, 'Keep Alive timeout', ['DISCONNECT']],
  [0x8e, 'Session taken over', ['DISCONNECT']],
  [0x8f, 'Topic Filter invalid', ['SUBACK', 'UNSUBACK', 'DISCONNECT']],
  [0x90, 'Topic Name invalid', ['CONNACK', ...received, 'DISCONNECT']],
  [0x91, 'Packet Identifier in use', [...received, 'SUBACK', 'UNSUBACK']],
  [0x92, 'Packet Identifier not found', ['PUBREL', 'PUBCOMP']],
  [0x93, 'Receive Maximum exceeded', ['DISCONNECT']],
  [0x94, 'Topic Alias invalid', ['DISCONNECT']],
  [0x95, 'Packet too large', endings],
  [0x96, 'Message rate too high', ['DISCONNECT']],
  [0x97, 'Quota exceeded', ['CONNACK', ...received, 'SUBACK', 'DISCONNECT']],
  [0x98, 'Administrative action', ['DISCONNECT']],
  [0x99, 'Payload format invalid', ['CONNACK', ...received, 'DISCONNECT']],
  [0x9a, 'Retain not supported', endings],
  [0x9b, 'QoS not supported', endings],
  [0x9c, 'Use another server', endings],
  [0x9d, 'Server moved', endings],
  [0x9e, 'Shared Subscriptions not supported', ['SUBACK', 'DISCONNECT']],
  [0x9f, 'Connection rate exceeded', endings],
  [0xa0, 'Maximum connect time', ['DISCONNECT']],
  [0xa1, 'Subscription Identifiers not supported', ['SUBACK', 'DISCONNECT']],
  [0xa2, 'Wildcard Subscriptions not supported', ['SUBACK', 'DISCONNECT']],
]

const names = new Map<string, string>()
const anyNames = new Map<number, string>()
for (const [code, name, types] of reasonCodes) {
  if (!anyNames.has(code)) anyNames.set(code, name)
  for (const type of types) names.set(`${type} ${code}`, name)
}

/** The name of a Reason Code in this packet; undefined where this packet must not carry it. */
export function reasonName(type: ReasonedType, code: number): string | undefined {
  return names.get(`${type} ${code}`)
}

/** The name of a Reason Code in whatever packet may carry it. */
export function anyReasonName(code: number): string | undefined {
  return anyNames.get(code)
}

/** Connect Return Codes [MQTT 3.1.1 §3.2.2.3]; the same in MQTT 3.1. */
export const connectReturnCodes = [
  'Connection Accepted',
  'Connection Refused, unacceptable protocol version',
  'Connection Refused, identifier rejected',
  'Connection Refused, Server unavailable',
  'Connection Refused, bad user name or password',
  'Connection Refused, not authorized',
]

/** Return Codes of SUBACK [MQTT 3.1.1 §3.9.3]. MQTT 3.1 has no failure. */
export function subackReturnName(code: number, version: 3 | 4): string | undefined {
  if (code <= 2) return version === 3 ? `Granted QoS ${code}` : `Success, Maximum QoS ${code}`
  return code === 0x80 && version === 4 ? 'Failure' : undefined
}
