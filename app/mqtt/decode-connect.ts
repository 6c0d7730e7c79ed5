import { anyReasonName, connectReturnCodes, reasonName } from './decode-codes.ts'
import { authenticationData, authenticationMethod, claimsText, readProperties } from './decode-properties.ts'
import type { PacketReader } from './decode-reader.ts'
import { checkTopicName } from './decode-topics.ts'
import { describeCode, describeOctets, describeText, isWellFormed } from './decode-values.ts'
import { summarize } from './summary.ts'

const knownLevels = new Map<number, 3 | 4 | 5>([
  [3, 3],
  [4, 4],
  [5, 5],
  // Mosquitto sets the highest bit where a bridge speaks.
  [0x83, 3],
  [0x84, 4],
])
const versionNames = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const

interface ConnectFlags {
  readonly userName: boolean
  readonly password: boolean
  readonly will: boolean
  readonly clean: boolean
}

/** The version that a CONNECT says it is of; everything before its Protocol Level is judged by it as well. */
export function connectVersion(octets: Uint8Array): 3 | 4 | 5 | undefined {
  return knownLevels.get(summarize(octets, 4).protocolVersion ?? -1)
}

/** [MQTT 3.1.1 §3.1, MQTT 5 §3.1]. */
export function readConnect(reader: PacketReader): void {
  readProtocol(reader)
  const flags = readFlags(reader)
  reader.uint16('Keep Alive', (value) => (value === 0 ? { value: '0 s', remark: 'off' } : `${value} s`))
  if (reader.version === 5) {
    const start = reader.at
    const properties = readProperties(reader, 'CONNECT')
    const isWhole = !reader.stopped
    if (isWhole && properties.has(authenticationData) && !properties.has(authenticationMethod)) {
      reader.violate(undefined, 'Authentication Data is there without an Authentication Method', start, reader.at)
    }
  }
  readClientIdentifier(reader, flags?.clean ?? true)
  if (flags !== undefined) readWillAndCredentials(reader, flags)
}

function readProtocol(reader: PacketReader): void {
  const name = reader.string('Protocol Name')
  const expected = reader.version === 3 ? 'MQIsdp' : 'MQTT'
  if (name !== undefined && name.value !== expected) {
    const message = `Protocol Name is ${describeText(name.value)}; ${versionNames[reader.version]} says "${expected}"`
    reader.violate(reader.statement('3.1.2-1', '3.1.2-1'), message, name.start, name.end)
  }
  const level = reader.octet('Protocol Level', (value) => {
    const known = knownLevels.get(value)
    if (known === undefined) return { value: String(value), remark: 'unknown' }
    return { value: String(value), remark: versionNames[known] + (value > 5 ? ', as Mosquitto’s bridges say it' : '') }
  })
  if (level !== undefined && !knownLevels.has(level.value)) {
    const message = `Protocol Level ${level.value} is of no version that exists; read as ${versionNames[reader.version]}`
    reader.violate(reader.statement('3.1.2-2', '3.1.2-2'), message, level.start, level.end)
  }
}

function readFlags(reader: PacketReader): ConnectFlags | undefined {
  const five = reader.version === 5
  const read = reader.octetOfBits(
    'Connect Flags',
    (octet) => octet.toString(2).padStart(8, '0'),
    (octet, at) => {
      const bit = (name: string, mask: number, whenSet: string) => {
        const set = (octet & mask) !== 0
        reader.bits(name, { value: set ? '1' : '0', remark: set ? whenSet : undefined }, at, mask)
      }
      bit('User Name Flag', 0x80, 'a User Name is there')
      bit('Password Flag', 0x40, 'a Password is there')
      bit('Will Retain', 0x20, 'the Will Message will be retained')
      reader.bits('Will QoS', `QoS ${(octet >>> 3) & 3}`, at, 0x18)
      bit('Will Flag', 0x04, 'a Will Message is there')
      bit(five ? 'Clean Start' : 'Clean Session', 0x02, 'no Session before this one counts')
      bit('Reserved', 0x01, 'it must be 0')
    },
  )
  if (read === undefined) return undefined
  checkFlags(reader, read.value, read.start)
  const has = (mask: number) => (read.value & mask) !== 0
  return { userName: has(0x80), password: has(0x40), will: has(0x04), clean: has(0x02) }
}

function checkFlags(reader: PacketReader, flags: number, at: number): void {
  const report = (bits: number, four: string, five: string | undefined, message: string) =>
    reader.violate(reader.statement(four, five), message, at, at + 1, bits)
  const willQos = (flags >>> 3) & 3
  if ((flags & 0x01) !== 0 && reader.version !== 3) report(0x01, '3.1.2-3', '3.1.2-3', 'the reserved Connect Flag is 1')
  if ((flags & 0x04) !== 0) {
    if (willQos === 3) report(0x18, '3.1.2-14', '3.1.2-12', 'Will QoS is 3; it can be 0, 1 or 2')
  } else if (reader.version !== 3) {
    // Without a Will, MQTT 3.1 disregards both [MQTT 3.1 §3.1].
    if (willQos !== 0) report(0x18, '3.1.2-13', '3.1.2-11', `Will QoS is ${willQos}, though Will Flag is 0`)
    if ((flags & 0x20) !== 0) report(0x20, '3.1.2-15', '3.1.2-13', 'Will Retain is 1, though Will Flag is 0')
  }
  // MQTT 5 allows a Password alone [MQTT 5 §3.1.2.9].
  if ((flags & 0xc0) === 0x40 && reader.version !== 5) {
    report(0x40, '3.1.2-22', undefined, 'Password Flag is 1, though User Name Flag is 0')
  }
}

function readClientIdentifier(reader: PacketReader, clean: boolean): void {
  const id = reader.string('Client Identifier', reader.statement('3.1.3-3', '3.1.3-3'))
  if (id === undefined) return
  const report = (four: string | undefined, message: string) =>
    reader.violate(reader.statement(four, undefined), message, id.start, id.end)
  if (reader.version === 4 && id.value === '' && !clean) {
    report('3.1.3-7', 'Client Identifier is empty, though Clean Session is 0')
  }
  if (reader.version === 3 && (id.value === '' || [...id.value].length > 23)) {
    report(undefined, 'Client Identifier of MQTT 3.1 has 1 to 23 characters')
  }
}

function readWillAndCredentials(reader: PacketReader, flags: ConnectFlags): void {
  if (flags.will) readWill(reader)
  // In MQTT 3.1 the Remaining Length takes precedence over these two flags [MQTT 3.1 §3.1].
  const lenient = reader.version === 3
  if (flags.userName && !(lenient && reader.left === 0)) {
    reader.string('User Name', reader.statement('3.1.2-19', '3.1.2-17'))
  }
  if (flags.password && !(lenient && reader.left === 0)) {
    reader.binary('Password', (octets) => describeOctets(octets), reader.statement('3.1.2-21', '3.1.2-19'))
  }
}

function readWill(reader: PacketReader): void {
  const five = reader.version === 5
  const required = reader.statement('3.1.2-9', '3.1.2-9')
  const properties = five ? readProperties(reader, 'Will Message') : undefined
  const topic = reader.string('Will Topic', required)
  if (topic !== undefined) checkTopicName(reader, 'Will Topic', topic, reader.statement('4.7.1-1', '4.7.0-1'))
  const name = five ? 'Will Payload' : 'Will Message'
  const payload = reader.binary(name, (octets) => describeOctets(octets), required)
  if (payload !== undefined && properties !== undefined && claimsText(properties) && !isWellFormed(payload.value)) {
    reader.violate(undefined, `${name} is said to be UTF-8 and is not`, payload.start, payload.end)
  }
}

/** [MQTT 3.1.1 §3.2, MQTT 5 §3.2]. */
export function readConnack(reader: PacketReader): void {
  const flags = reader.version === 3 ? reader.octet('Reserved', String) : readAcknowledgeFlags(reader)
  const five = reader.version === 5
  const nameOf = (code: number) => (five ? reasonName('CONNACK', code) : connectReturnCodes[code])
  const name = five ? 'Connect Reason Code' : 'Connect Return Code'
  const code = reader.octet(name, (value) =>
    describeCode(value, nameOf(value) ?? (five ? anyReasonName(value) : undefined)),
  )
  if (code === undefined) return
  if (nameOf(code.value) === undefined) {
    const message = `${describeCode(code.value, undefined)} is no ${name}`
    reader.violate(reader.statement(undefined, '3.2.2-8'), message, code.start, code.end)
  }
  if (reader.version !== 3 && flags !== undefined && (flags.value & 1) === 1 && code.value !== 0) {
    const message = 'Session Present is 1, though the connection is refused'
    reader.violate(reader.statement('3.2.2-4', '3.2.2-6'), message, flags.start, flags.end, 0x01)
  }
  if (five) readProperties(reader, 'CONNACK')
}

function readAcknowledgeFlags(reader: PacketReader) {
  const read = reader.octetOfBits(
    'Connect Acknowledge Flags',
    (octet) => octet.toString(2).padStart(8, '0'),
    (octet, at) => {
      reader.bits('Reserved', (octet >>> 1).toString(2).padStart(7, '0'), at, 0xfe)
      const present = (octet & 1) === 1
      reader.bits('Session Present', { value: present ? '1' : '0', remark: present ? 'yes' : 'no' }, at, 0x01)
    },
  )
  if (read !== undefined && read.value > 1) {
    const message = 'a reserved bit of the Connect Acknowledge Flags is 1'
    reader.violate(reader.statement(undefined, '3.2.2-1'), message, read.start, read.end, 0xfe)
  }
  return read
}
