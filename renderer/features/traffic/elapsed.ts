import type { Captured, CapturedPacket } from '../../../app/capture/captured.ts'
import type { PacketType, ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { type PacketSummary, summarize } from '../../../app/mqtt/summary.ts'

export interface Records {
  record(number: number): Captured | undefined
  /** The Network Connection of a record, cheaply; undefined when the record is not here. */
  connectionOf(number: number): number | undefined
}

/** What a packet answers: the type of the packet that began the exchange, and which way that one went. */
const requests: Partial<Record<PacketType, { readonly type: PacketType; readonly sameWay: boolean }>> = {
  CONNACK: { type: 'CONNECT', sameWay: false },
  PUBACK: { type: 'PUBLISH', sameWay: false },
  PUBREC: { type: 'PUBLISH', sameWay: false },
  PUBREL: { type: 'PUBLISH', sameWay: true },
  PUBCOMP: { type: 'PUBLISH', sameWay: false },
  SUBACK: { type: 'SUBSCRIBE', sameWay: false },
  UNSUBACK: { type: 'UNSUBSCRIBE', sameWay: false },
  PINGRESP: { type: 'PINGREQ', sameWay: false },
}

/** How many records back a request is looked for, and how many of them are read for one painting of the list. */
const lookBack = 4096
const readsPerPainting = 6000
const mostRemembered = 20_000

/**
 * Finds how long after the packet that began it each packet of a handshake came. Where that one is not certain (a
 * record between is not here, the connection began later, it is too far back) nothing is said.
 */
export class ElapsedTimes {
  readonly #records: Records
  readonly #known = new Map<number, number>()
  #reads = 0

  constructor(records: Records) {
    this.#records = records
  }

  /** A new painting begins, with a new allowance of reads. */
  begin(): void {
    this.#reads = 0
  }

  clear(): void {
    this.#known.clear()
  }

  /** Nanoseconds since the PUBLISH, SUBSCRIBE, ... that this packet answers; undefined where there is none, or it is not known. */
  since(packet: CapturedPacket, summary: PacketSummary, version: ProtocolVersion): number | undefined {
    const request = summary.type === undefined ? undefined : requests[summary.type]
    if (request === undefined) return undefined
    const known = this.#known.get(packet.number)
    if (known !== undefined) return known
    const direction = request.sameWay === (packet.direction === 'to broker') ? 'to broker' : 'to client'
    const found = this.#find(packet, (candidate) => {
      if (candidate.direction !== direction) return 'go on'
      const other = summarize(candidate.octets, version)
      if (other.type !== request.type || other.packetId !== summary.packetId) return 'go on'
      return fits(summary.type, other) ? 'found' : 'give up'
    })
    if (found === undefined) return undefined
    const elapsed = packet.time - found.time
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(packet.number, elapsed)
    return elapsed
  }

  #find(
    packet: CapturedPacket,
    judge: (candidate: CapturedPacket) => 'found' | 'go on' | 'give up',
  ): CapturedPacket | undefined {
    const oldest = packet.number - lookBack
    for (let number = packet.number - 1; number >= oldest; number--) {
      const connection = this.#records.connectionOf(number)
      if (connection === undefined) return undefined
      if (connection !== packet.connection) continue
      if (++this.#reads > readsPerPainting) return undefined
      const candidate = this.#records.record(number)
      // Before it was opened the connection carried nothing.
      if (candidate === undefined || (candidate.kind === 'event' && candidate.event.type === 'opened')) return undefined
      if (candidate.kind === 'event') continue
      const verdict = judge(candidate)
      if (verdict === 'found') return candidate
      if (verdict === 'give up') return undefined
    }
    return undefined
  }
}

/** PUBACK belongs to QoS 1, PUBREC, PUBREL and PUBCOMP to QoS 2 [MQTT 3.1.1 §4.3]; another pair would be a guess. */
function fits(type: PacketType | undefined, request: PacketSummary): boolean {
  if (request.type !== 'PUBLISH') return true
  return request.qos === (type === 'PUBACK' ? 1 : 2)
}

/** `+84 µs`, `+1.1 ms`, `+412 ms`, `+1.25 s` */
export function formatElapsed(nanoseconds: number): string {
  if (nanoseconds < 100_000) return `+${Math.round(nanoseconds / 1000)} µs`
  const ms = nanoseconds / 1e6
  if (ms < 9.95) return `+${ms.toFixed(1)} ms`
  return ms < 999.5 ? `+${Math.round(ms)} ms` : `+${(ms / 1000).toFixed(2)} s`
}
