import type { Packet } from 'mqtt'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { anyReasonName, reasonName } from '../../../app/mqtt/decode-codes.ts'
import type { Outcome } from '../../../app/script-api/crossing.ts'
import type { ReceivedProperties } from '../../../app/script-api/properties.ts'
import { fromLibrary } from './mqtt-properties.ts'

/** Return Codes of CONNACK [MQTT 3.1.1 §3.2.2.3], as a device reports them. */
const returnCodes: Record<number, string> = {
  1: 'unacceptable protocol version',
  2: 'identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
}

/** @param version of the protocol: MQTT 5 has Reason Codes of its own, and a broker without it answers as it can */
export function refusal(code: number, version: ProtocolVersion = 4, properties?: ReceivedProperties): string {
  const name = version === 5 ? reasonName('CONNACK', code) : undefined
  return `refused: ${name === undefined ? (returnCodes[code] ?? `return code ${code}`) : withReason(name, properties)}`
}

/** Why the broker has ended a connection with DISCONNECT [MQTT 5 §3.14]. */
export function dismissal(code: number, properties: ReceivedProperties | undefined): string {
  return `disconnected by the broker: ${withReason(reasonName('DISCONNECT', code) ?? `reason code ${code}`, properties)}`
}

/**
 * What has become of a call that the broker has answered.
 *
 * @param what the call, as in "the broker refused to ..."
 * @returns undefined when the packet is no refusal. A PUBCOMP never is one: 0x92 says that the broker had finished before
 * [MQTT 5 §3.7.2.1].
 */
export function refusedBy(what: string, packet: Packet | undefined): (Outcome & { type: 'refused' }) | undefined {
  if (packet === undefined || packet.cmd === 'pubcomp') return undefined
  if (!('reasonCode' in packet || 'granted' in packet)) return undefined
  const codes = 'granted' in packet ? packet.granted : [packet.reasonCode]
  const code = codes?.find((one): one is number => typeof one === 'number' && one >= 0x80)
  if (code === undefined) return undefined
  const properties = fromLibrary(packet.properties)
  const why =
    packet.cmd === 'suback' && code === 0x80 ? '' : `: ${withReason(anyReasonName(code) ?? `${code}`, properties)}`
  return { type: 'refused', message: `the broker refused to ${what}${why}`, reasonCode: code, properties }
}

/** The library's names of Reason Codes begin with a capital, as the specification's do. */
function withReason(name: string, properties: ReceivedProperties | undefined): string {
  const text = properties?.['reasonString']
  const plain = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
  return typeof text === 'string' && text !== '' ? `${plain} (${text})` : plain
}

/** @param code the operating system's, undefined where the broker closed in order */
export function socketLoss(code: string | undefined): string {
  if (code === undefined) return 'connection lost: the broker closed it'
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'connection lost: it was reset' : `connection lost (${code})`
}

export function connectFailure(code: string, broker: { readonly host: string; readonly port: number }): string {
  const where = `${broker.host}:${broker.port}`
  if (code === 'ECONNREFUSED') return `nobody listens on ${where}`
  return code === 'ECONNRESET' ? `${where} reset the connection before CONNACK` : `${where} cannot be reached (${code})`
}
