import { anyReasonName, type ReasonedType, reasonName } from './decode-codes.ts'
import { authenticationMethod, claimsText, readProperties, topicAlias } from './decode-properties.ts'
import type { PacketReader } from './decode-reader.ts'
import { checkTopicName } from './decode-topics.ts'
import { describeCode, describeOctets, isWellFormed } from './decode-values.ts'

/** [MQTT 3.1.1 §3.3, MQTT 5 §3.3]. */
export function readPublish(reader: PacketReader, flags: number): void {
  const qos = (flags >>> 1) & 3
  const topic = reader.string('Topic Name', reader.statement('3.3.2-1', '3.3.2-1'))
  // With both QoS bits set nobody can say whether a Packet Identifier follows [MQTT-3.3.1-4].
  if (qos === 3) reader.stop()
  if (qos > 0) readPacketIdentifier(reader, reader.statement('2.3.1-1', '2.2.1-3'))
  const properties = reader.version === 5 ? readProperties(reader, 'PUBLISH') : undefined
  // In MQTT 5 a Topic Alias may stand for the Topic Name [MQTT 5 §3.3.2.1], if only in what cannot be read.
  const mayHaveAlias = properties !== undefined && (reader.stopped || properties.has(topicAlias))
  if (topic !== undefined && !(topic.value === '' && mayHaveAlias)) {
    checkTopicName(reader, 'Topic Name', topic, reader.statement('3.3.2-2', '3.3.2-2'))
  }
  const payload = reader.rest('Payload', describeOctets)
  if (payload === undefined || properties === undefined || !claimsText(properties)) return
  const isWhole = payload.end === reader.at && !reader.isCutOff
  if (isWhole && !isWellFormed(payload.value)) {
    reader.violate(undefined, 'Payload is said to be UTF-8 and is not', payload.start, payload.end)
  }
}

/** @param statement the one that says that it is not 0. */
export function readPacketIdentifier(reader: PacketReader, statement: string | undefined): void {
  const id = reader.uint16('Packet Identifier', String, statement)
  if (id?.value === 0) reader.violate(statement, 'Packet Identifier is 0', id.start, id.end)
}

/** What says which Reason Codes a packet may carry, and where it says that the code may be left out, in MQTT 5. */
const rules: Partial<Record<ReasonedType, { readonly statement: string; readonly section: string }>> = {
  PUBACK: { statement: '3.4.2-1', section: '§3.4.2.1' },
  PUBREC: { statement: '3.5.2-1', section: '§3.5.2.1' },
  PUBREL: { statement: '3.6.2-1', section: '§3.6.2.1' },
  PUBCOMP: { statement: '3.7.2-1', section: '§3.7.2.1' },
  DISCONNECT: { statement: '3.14.2-1', section: '§3.14.2.1' },
  AUTH: { statement: '3.15.2-1', section: '§3.15.2.1' },
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP [MQTT 3.1.1 §3.4 to §3.7, MQTT 5 §3.4 to §3.7]. */
export function readAcknowledgement(reader: PacketReader, type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'): void {
  readPacketIdentifier(reader, reader.statement('2.3.1-6', '2.2.1-5'))
  if (reader.version === 5) readOptionalReason(reader, type)
}

/** DISCONNECT and AUTH [MQTT 3.1.1 §3.14, MQTT 5 §3.14, §3.15]. */
export function readEnding(reader: PacketReader, type: 'DISCONNECT' | 'AUTH'): void {
  if (reader.version === 5) readOptionalReason(reader, type)
}

/** A Reason Code and properties, both of which may be left out at the end of the packet. */
function readOptionalReason(reader: PacketReader, type: ReasonedType): void {
  if (reader.stopped) return
  const rule = rules[type]
  if (reader.left === 0) {
    const remark = `left out, which means 0x00 (${rule?.section})`
    reader.add('Reason Code', { value: describeCode(0, reasonName(type, 0)), remark }, reader.at, reader.at)
    return
  }
  readReasonCode(reader, type, rule?.statement)
  if (reader.left === 0 && type !== 'AUTH') return
  const start = reader.at
  const properties = readProperties(reader, type)
  if (type === 'AUTH' && !reader.stopped && !properties.has(authenticationMethod)) {
    reader.violate(undefined, 'AUTH has no Authentication Method, a Protocol Error', start, reader.at)
  }
}

/** @param statement the one that says which codes there are, without `MQTT-`. */
export function readReasonCode(reader: PacketReader, type: ReasonedType, statement: string | undefined): void {
  const code = reader.octet('Reason Code', (value) =>
    describeCode(value, reasonName(type, value) ?? anyReasonName(value)),
  )
  if (code === undefined || reasonName(type, code.value) !== undefined) return
  const message = `${describeCode(code.value, anyReasonName(code.value))} is no Reason Code of ${type}`
  reader.violate(reader.statement(undefined, statement), message, code.start, code.end)
}
