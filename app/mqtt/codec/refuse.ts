import type { ProtocolVersion } from '../control-packet.ts'
import { PacketError } from '../packets.ts'

/** Reason Codes of MQTT 5 for what is wrong with a packet [MQTT 5 §2.4]. */
export const malformed = 0x81
export const protocolError = 0x82
export const unsupportedVersion = 0x84
export const invalidTopicAlias = 0x94

/**
 * Throws the PacketError of a packet that breaks a rule.
 *
 * @param four the statement of MQTT 3.1.1, such as `3.1.2-13`, or the section, such as `§3.14`, where it has no number.
 * @param five the same of MQTT 5. MQTT 3.1 has no numbers at all.
 */
export function refuse(code: number, version: ProtocolVersion, four: string, five: string, message: string): never {
  throw new PacketError(code, `[${cite(version, four, five)}] ${message}`)
}

/** As it is written in messages: `MQTT-3.1.2-13`, `MQTT 5 §2.2.2.2`. */
export function cite(version: ProtocolVersion, four: string, five: string): string {
  if (version === 3) return 'MQTT 3.1'
  const statement = version === 5 ? five : four
  if (!statement.startsWith('§')) return `MQTT-${statement}`
  return `MQTT ${version === 5 ? '5' : '3.1.1'} ${statement}`
}
