import { subackReturnName } from './decode-codes.ts'
import { readProperties } from './decode-properties.ts'
import { readPacketIdentifier, readReasonCode } from './decode-publish.ts'
import type { PacketReader, Read } from './decode-reader.ts'
import { checkTopicFilter, isShared } from './decode-topics.ts'
import { describeCode, describeText } from './decode-values.ts'

/** [MQTT 3.1.1 §3.8, MQTT 5 §3.8]. */
export function readSubscribe(reader: PacketReader): void {
  readPacketIdentifier(reader, reader.statement('2.3.1-1', '2.2.1-3'))
  if (reader.version === 5) readProperties(reader, 'SUBSCRIBE')
  requireSome(reader, reader.statement('3.8.3-3', '3.8.3-2'), 'SUBSCRIBE has no Topic Filter')
  reader.items('Subscriptions', () => {
    reader.group('Subscription', () => {
      const filter = reader.string('Topic Filter')
      if (filter !== undefined) checkTopicFilter(reader, filter)
      const options = reader.version === 5 ? readOptions(reader, filter) : readRequestedQos(reader)
      if (filter === undefined) return 'cut short'
      return options === undefined
        ? describeText(filter.value)
        : `${describeText(filter.value)} QoS ${options.value & 3}`
    })
  })
}

function readRequestedQos(reader: PacketReader): Read<number> | undefined {
  const read = reader.octetOfBits(
    'Requested QoS',
    (octet) => `QoS ${octet & 3}`,
    (octet, at) => {
      reader.bits('Reserved', (octet >>> 2).toString(2).padStart(6, '0'), at, 0xfc)
      reader.bits('QoS', `QoS ${octet & 3}`, at, 0x03)
    },
  )
  if (read === undefined) return undefined
  const statement = reader.statement('3.8.3-4', undefined)
  if ((read.value & 0xfc) !== 0 && reader.version !== 3) {
    reader.violate(statement, 'a reserved bit of Requested QoS is 1', read.start, read.end, 0xfc)
  }
  if ((read.value & 3) === 3) reader.violate(statement, 'Requested QoS is 3', read.start, read.end, 0x03)
  return read
}

const retainHandling = [
  'send retained messages at the time of the subscribe',
  'send retained messages only if the subscription is new',
  'do not send retained messages at the time of the subscribe',
  'reserved',
]

/** Subscription Options [MQTT 5 §3.8.3.1]. */
function readOptions(reader: PacketReader, filter: Read<string> | undefined): Read<number> | undefined {
  const read = reader.octetOfBits(
    'Subscription Options',
    (octet) => octet.toString(2).padStart(8, '0'),
    (octet, at) => {
      const bit = (name: string, mask: number, whenSet: string) => {
        const set = (octet & mask) !== 0
        reader.bits(name, { value: set ? '1' : '0', remark: set ? whenSet : undefined }, at, mask)
      }
      const handling = (octet >>> 4) & 3
      reader.bits('Reserved', (octet >>> 6).toString(2).padStart(2, '0'), at, 0xc0)
      reader.bits('Retain Handling', { value: String(handling), remark: retainHandling[handling] }, at, 0x30)
      bit('Retain As Published', 0x08, 'messages keep their RETAIN flag')
      bit('No Local', 0x04, 'the Client does not get its own messages')
      reader.bits('Maximum QoS', `QoS ${octet & 3}`, at, 0x03)
    },
  )
  if (read === undefined) return undefined
  const report = (bits: number, statement: string | undefined, message: string) =>
    reader.violate(reader.statement(undefined, statement), message, read.start, read.end, bits)
  if ((read.value & 0xc0) !== 0) report(0xc0, '3.8.3-5', 'a reserved bit of the Subscription Options is 1')
  if ((read.value & 0x30) === 0x30) report(0x30, undefined, 'Retain Handling is 3, a Protocol Error')
  if ((read.value & 0x03) === 0x03) report(0x03, undefined, 'Maximum QoS is 3, a Protocol Error')
  if ((read.value & 0x04) !== 0 && filter !== undefined && isShared(filter.value)) {
    report(0x04, '3.8.3-4', 'No Local is 1 on a Shared Subscription')
  }
  return read
}

/** [MQTT 3.1.1 §3.10, MQTT 5 §3.10]. */
export function readUnsubscribe(reader: PacketReader): void {
  readPacketIdentifier(reader, reader.statement('2.3.1-1', '2.2.1-3'))
  if (reader.version === 5) readProperties(reader, 'UNSUBSCRIBE')
  requireSome(reader, reader.statement('3.10.3-2', '3.10.3-2'), 'UNSUBSCRIBE has no Topic Filter')
  reader.items('Topic Filters', () => {
    const filter = reader.string('Topic Filter')
    if (filter !== undefined) checkTopicFilter(reader, filter)
  })
}

/** [MQTT 3.1.1 §3.9, MQTT 5 §3.9]. */
export function readSuback(reader: PacketReader): void {
  readPacketIdentifier(reader, reader.statement('2.3.1-7', '2.2.1-6'))
  const { version } = reader
  if (version === 5) readProperties(reader, 'SUBACK')
  requireSome(reader, reader.statement('3.8.4-5', '3.8.4-6'), 'SUBACK answers for no Topic Filter')
  reader.items(version === 5 ? 'Reason Codes' : 'Return Codes', () => {
    if (version === 5) readReasonCode(reader, 'SUBACK', '3.9.3-2')
    else readReturnCode(reader, version)
  })
}

function readReturnCode(reader: PacketReader, version: 3 | 4): void {
  const code = reader.octet('Return Code', (value) => describeCode(value, subackReturnName(value, version)))
  if (code === undefined || subackReturnName(code.value, version) !== undefined) return
  const message = `${describeCode(code.value, undefined)} is no Return Code of SUBACK`
  reader.violate(reader.statement('3.9.3-2', undefined), message, code.start, code.end)
}

/** [MQTT 3.1.1 §3.11, MQTT 5 §3.11]. Only in MQTT 5 it says more than its Packet Identifier. */
export function readUnsuback(reader: PacketReader): void {
  readPacketIdentifier(reader, reader.statement('2.3.1-7', '2.2.1-6'))
  if (reader.version !== 5) return
  readProperties(reader, 'UNSUBACK')
  requireSome(reader, undefined, 'UNSUBACK answers for no Topic Filter')
  reader.items('Reason Codes', () => readReasonCode(reader, 'UNSUBACK', '3.11.3-2'))
}

function requireSome(reader: PacketReader, statement: string | undefined, message: string): void {
  // Of a packet that was cut off nobody can say what it had.
  if (reader.stopped || reader.isCutOff || reader.left > 0) return
  reader.violate(statement, message, Math.max(0, reader.at - 1), reader.at)
}
