import { packBatch } from './batch.ts'
import type { Captured } from './captured.ts'

/** A chunk holds no more than this, unless its first record alone does. */
const chunkOctets = 1024 * 1024
const chunkRecords = 4096

/** Gathers records to blocks of a size that is good to read again. */
export class RecordGatherer {
  #records: Captured[] = []
  #octets = 0

  /** Gives the block of those before, where this one has no place in it. */
  add(record: Captured): Uint8Array | undefined {
    const octets = sizeOf(record)
    const last = this.#records.at(-1)
    const full = this.#records.length === chunkRecords || this.#octets + octets > chunkOctets
    const follows = last === undefined || last.number + 1 === record.number
    const block = full || !follows ? this.take() : undefined
    this.#records.push(record)
    this.#octets += octets
    return block
  }

  /** The block of those that have not been given yet; undefined where there are none. */
  take(): Uint8Array | undefined {
    if (this.#records.length === 0) return undefined
    const block = packBatch(this.#records)
    this.#records = []
    this.#octets = 0
    return block
  }
}

/** Octets of a record that may be many. */
export function sizeOf(record: Captured): number {
  if (record.kind === 'packet') return record.octets.length
  return record.event.type === 'packet sent' ? (record.event.octets?.length ?? 0) : 0
}
