import { type Captured, isFate } from './captured.ts'
import type { Encoder, ExportContext } from './export-encoder.ts'
import { RecordGatherer } from './recording-chunks.ts'
import { encodeEnd, encodeHeader, encodeRecords, type KnownConnection } from './recording-format.ts'

/**
 * Faultline's own recording of records in their order. All of a capture keeps its numbers; what a filter chose is numbered
 * anew from 1 without a gap, as a capture is, and fates name their packets by the new numbers.
 */
export class RecordingEncoder implements Encoder {
  readonly #context: ExportContext
  readonly #known: readonly KnownConnection[]
  readonly #renumbered: boolean
  #next = 1
  /** Packets whose fates are still to come: their numbers before and now. */
  readonly #numbers = new Map<number, number>()
  readonly #gatherer = new RecordGatherer()

  /** @param known connections that the records alone do not tell of. */
  constructor(context: ExportContext, known: readonly KnownConnection[]) {
    this.#context = context
    this.#known = known
    this.#renumbered = context.filter !== ''
  }

  begin(): Uint8Array {
    const { captureStart, filter, program } = this.#context
    // Only what the format says of one: whoever asks may know more of a connection.
    const connections = this.#known.map(({ id, clientId, protocolVersion, keepAlive, remote }) => {
      return { id, clientId, protocolVersion, keepAlive, remote }
    })
    return encodeHeader({ captureStart, program, ...(filter !== '' && { filter }), connections })
  }

  *add(record: Captured): Iterable<Uint8Array> {
    const block = this.#gatherer.add(this.#renumbered ? this.#renumber(record) : record)
    if (block !== undefined) yield encodeRecords(block)
  }

  end(): Uint8Array {
    const block = this.#gatherer.take()
    const rest = block === undefined ? new Uint8Array(0) : encodeRecords(block)
    const end = encodeEnd({})
    const octets = new Uint8Array(rest.length + end.length)
    octets.set(rest)
    octets.set(end, rest.length)
    return octets
  }

  #renumber(record: Captured): Captured {
    const number = this.#next++
    if (record.kind === 'packet') {
      if (this.#context.fatesOf(record.number).length > 0) this.#numbers.set(record.number, number)
      return { ...record, number }
    }
    const { event } = record
    if (!isFate(event)) return { ...record, number }
    const packet = this.#numbers.get(event.packet)
    if (event.type !== 'packet held') this.#numbers.delete(event.packet)
    // 0 is nobody's number: a fate whose packet is gone, because the capture does not have it any more.
    return { ...record, number, event: { ...event, packet: packet ?? 0 } }
  }
}
