import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import { type PacketSummary, readVariableByteInteger, summarize } from '../mqtt/summary.ts'
import { type Captured, type CapturedPacket, clientOf } from './captured.ts'
import type { ConnectionNames } from './subject.ts'

const text = new TextDecoder('utf-8', { ignoreBOM: true })
const connect = 1
const publish = 3
const subscribe = 8
const suback = 9
const unsubscribe = 10
const unsuback = 11
/** PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT, AUTH: in MQTT 5 a Reason Code that is left out is 0 [MQTT 5 §3.4.2.1]. */
const mayLeaveOutCode = [4, 5, 6, 7, 14, 15]

/**
 * A record as the tests of a filter see it. One is used again and again, because there is a record for every packet;
 * what costs is read when the first test asks, and once.
 */
export class FilterSubject {
  #names: ConnectionNames | undefined
  #summary: PacketSummary | undefined
  record!: Captured
  /** The record, where it is a well-formed packet. */
  packet: CapturedPacket | undefined
  /** Number of the packet type; 0 for what is no well-formed packet. */
  type = 0

  set(record: Captured, names: ConnectionNames): void {
    this.record = record
    this.#names = names
    this.#summary = undefined
    this.packet = record.kind === 'packet' && record.malformed === false ? record : undefined
    this.type = this.packet === undefined ? 0 : (this.packet.octets[0] ?? 0) >>> 4
  }

  /** A packet's fixed header's flags; 0 unless it is a PUBLISH. */
  get publishFlags(): number {
    return this.type === publish ? (this.packet?.octets[0] ?? 0) & 15 : 0
  }

  get qos(): number | undefined {
    const qos = (this.publishFlags >>> 1) & 3
    return this.type === publish && qos < 3 ? qos : undefined
  }

  /** Of a well-formed packet; read once. */
  get summary(): PacketSummary | undefined {
    if (this.#summary === undefined && this.packet !== undefined) {
      this.#summary = summarize(this.packet.octets, this.#version)
    }
    return this.#summary
  }

  get client(): string | undefined {
    const { record } = this
    const said = record.kind === 'event' ? clientOf(record.event) : undefined
    if (said !== undefined) return said
    const known = this.#names?.clientId(record.connection)
    if (known !== undefined) return known
    return this.type === connect ? this.summary?.clientId || undefined : undefined
  }

  get payload(): Uint8Array | undefined {
    return this.type === publish ? this.summary?.payload : undefined
  }

  /** Whether one of its topics is such. */
  hasTopic(fits: (topic: string) => boolean): boolean {
    const { type } = this
    if (type !== publish && type !== subscribe && type !== unsubscribe) return false
    const first = this.summary?.topic
    if (first === undefined) return false
    return fits(first) || (type !== publish && this.#moreTopics().some(fits))
  }

  hasCode(fits: (code: number) => boolean): boolean {
    const code = this.summary?.code
    if (this.type === suback || this.type === unsuback) return this.#codes().some(fits)
    if (code !== undefined) return fits(code)
    return this.#version === 5 && mayLeaveOutCode.includes(this.type) && fits(0)
  }

  get #version(): ProtocolVersion {
    return this.#names?.version(this.record.connection) ?? 4
  }

  /** The Topic Filters after the first one, which the summary leaves out. */
  #moreTopics(): string[] {
    const octets = this.packet?.octets ?? new Uint8Array()
    const topics: string[] = []
    let at = this.#payloadStart()
    while (at + 2 <= octets.length) {
      const end = at + 2 + (octets[at] as number) * 256 + (octets[at + 1] as number)
      if (end > octets.length) break
      topics.push(text.decode(octets.subarray(at + 2, end)))
      // In SUBSCRIBE the options of a subscription follow its filter [MQTT 3.1.1 §3.8.3].
      at = end + (this.type === subscribe ? 1 : 0)
    }
    return topics.slice(1)
  }

  #codes(): number[] {
    return [...(this.packet?.octets.subarray(this.#payloadStart()) ?? [])]
  }

  /** Behind the Packet Identifier and in MQTT 5 the properties; past the end where the packet is cut short. */
  #payloadStart(): number {
    const octets = this.packet?.octets ?? new Uint8Array()
    const header = readVariableByteInteger(octets, 1)
    const start = header === undefined ? octets.length : header.end + 2
    if (this.#version !== 5) return start
    const properties = readVariableByteInteger(octets, start)
    return properties === undefined ? octets.length : properties.end + properties.value
  }
}
