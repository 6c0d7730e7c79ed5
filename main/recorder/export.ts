import { CaptureBatch } from '../../app/capture/batch.ts'
import { type Captured, type CapturedPacket, isFate } from '../../app/capture/captured.ts'
import { CsvEncoder } from '../../app/capture/csv.ts'
import type { Encoder, ExportContext, ExportFormat, FateRecord } from '../../app/capture/export-encoder.ts'
import { FateIndex } from '../../app/capture/export-fates.ts'
import { JsonLinesEncoder } from '../../app/capture/jsonl.ts'
import { PcapngEncoder } from '../../app/capture/pcapng-encoder.ts'
import { RecordedConnections } from '../../app/capture/recording-connections.ts'
import { RecordingEncoder } from '../../app/capture/recording-encoder.ts'
import type { KnownConnection } from '../../app/capture/recording-format.ts'
import type { CompiledFilter } from '../../app/capture/subject.ts'
import type { OctetSink } from './file-sink.ts'

/** What can be exported: the running capture, or a recording. */
export interface CaptureSource {
  /** Wall time at which its time is 0, in milliseconds since 1970. */
  readonly captureStart: number
  /** The number of the oldest record; `next` when there is none. */
  readonly first: number
  readonly next: number
  /** What is known of its connections. */
  readonly connections: readonly KnownConnection[]
  /** A `packBatch` block as `Recorder.read` gives it. */
  read(from: number, limit: number): Uint8Array
}

export interface ExportOptions {
  readonly format: ExportFormat
  readonly filter: CompiledFilter
  /** The version of the program. */
  readonly program: string
  /** The port of the broker in a pcapng file; 1883 when it is not given. */
  readonly brokerPort?: number | undefined
}

export interface ExportResult {
  /** Records and Control Packets that were written, of so many records. */
  readonly records: number
  readonly packets: number
  readonly of: number
  /** Records that left the ring before they could be written. */
  readonly missed: number
  readonly octets: number
}

/** So many records are read at once: about as long as nothing else may run. */
const blockRecords = 1024
/** What is written goes to the sink in pieces of about this size. */
const pieceOctets = 256 * 1024

/**
 * Writes the records that a capture has at this moment, or those that a filter matches, with bounded memory, no faster
 * than the sink takes them. The fates of a packet that is written are written with it. It reads the capture twice.
 *
 * With a filter a pcapng file also has the beginning and the end of each connection that it has packets of, and the
 * CONNECT of those that speak MQTT 5, because nobody could read it otherwise.
 */
export async function exportCapture(
  source: CaptureSource,
  options: ExportOptions,
  sink: OctetSink,
): Promise<ExportResult> {
  const run = new ExportRun(source, options, new PieceWriter(sink))
  return await run.write()
}

class ExportRun {
  readonly #source: CaptureSource
  readonly #options: ExportOptions
  readonly #out: PieceWriter
  /** As they are when it begins. */
  readonly #snapshot: readonly KnownConnection[]
  readonly #from: number
  readonly #to: number
  readonly #everything: boolean
  readonly #fates: FateIndex
  /** Connections that have records, that have chosen records, and that have their beginning, in what is exported. */
  readonly #seen = new Set<number>()
  readonly #chosen = new Set<number>()
  readonly #opened = new Set<number>()
  #connections: RecordedConnections
  #missed = 0

  constructor(source: CaptureSource, options: ExportOptions, out: PieceWriter) {
    this.#source = source
    this.#options = options
    this.#out = out
    this.#snapshot = source.connections
    this.#from = source.first
    this.#to = source.next
    this.#everything = options.filter.text.trim() === ''
    this.#fates = new FateIndex(this.#from)
    this.#connections = this.#unread()
  }

  async write(): Promise<ExportResult> {
    for await (const record of this.#walk()) this.#survey(record)
    this.#connections = this.#unread()
    this.#missed = 0
    const encoder = this.#encoder()
    let records = 0
    let packets = 0
    await this.#out.write(encoder.begin())
    for await (const record of this.#walk()) {
      const chosen = this.#isChosen(record)
      if (chosen) {
        records += 1
        packets += record.kind === 'packet' ? 1 : 0
      }
      if (!chosen && !this.#belongs(record)) continue
      for (const piece of encoder.add(record)) if (this.#out.add(piece)) await this.#out.flush()
    }
    await this.#out.write(encoder.end())
    await this.#out.flush()
    return { records, packets, of: this.#to - this.#from, missed: this.#missed, octets: this.#out.octets }
  }

  /** Every record of the export, with the connections as of it. Lets others run between blocks. */
  async *#walk(): AsyncGenerator<Captured> {
    for (let next = this.#from; next < this.#to; ) {
      const batch = new CaptureBatch(this.#source.read(next, Math.min(blockRecords, this.#to - next)))
      this.#missed += Math.max(0, Math.min(batch.first, this.#to) - next)
      next = batch.first + batch.count
      if (batch.count === 0) return
      for (let i = 0; i < batch.count; i++) {
        const record = batch.at(i) as Captured
        if (record.number >= this.#to) return
        this.#connections.add(record)
        yield record
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #survey(record: Captured): void {
    this.#seen.add(record.connection)
    if (record.kind === 'event') {
      if (isFate(record.event)) this.#fates.add(record.event.packet, record.number)
      if (record.event.type === 'opened') this.#opened.add(record.connection)
    }
    if (this.#isChosen(record)) this.#chosen.add(record.connection)
  }

  #isChosen(record: Captured): boolean {
    if (this.#everything || this.#options.filter.matches(record, this.#connections)) return true
    if (record.kind === 'packet' || !isFate(record.event)) return false
    const packet = this.#packet(record.event.packet)
    return packet !== undefined && this.#options.filter.matches(packet, this.#connections)
  }

  /** Whether a record that the filter did not choose is needed to read the others. */
  #belongs(record: Captured): boolean {
    if (this.#options.format !== 'pcapng' || !this.#chosen.has(record.connection)) return false
    if (record.kind === 'event') return record.event.type === 'opened' || record.event.type === 'closed'
    const isConnect = record.malformed === false && (record.octets[0] ?? 0) >>> 4 === 1
    return isConnect && this.#connections.version(record.connection) === 5
  }

  #packet(number: number): CapturedPacket | undefined {
    if (number < this.#source.first || number >= this.#to) return undefined
    const record = new CaptureBatch(this.#source.read(number, 1)).at(0)
    return record?.kind === 'packet' && record.number === number ? record : undefined
  }

  #fatesOf(packet: number): FateRecord[] {
    return this.#fates.of(packet).flatMap((number) => {
      const record = new CaptureBatch(this.#source.read(number, 1)).at(0)
      if (record?.kind !== 'event' || record.number !== number || !isFate(record.event)) return []
      return [{ number, time: record.time, event: record.event }]
    })
  }

  #unread(): RecordedConnections {
    return new RecordedConnections(this.#source.captureStart, this.#snapshot)
  }

  #encoder(): Encoder {
    const { format, filter, program, brokerPort } = this.#options
    const run = this
    const context: ExportContext = {
      captureStart: this.#source.captureStart,
      program,
      filter: this.#everything ? '' : filter.text,
      get connections() {
        return run.#connections
      },
      fatesOf: (packet) => this.#fatesOf(packet),
      packet: (number) => this.#packet(number),
    }
    if (format === 'pcapng') return new PcapngEncoder(context, brokerPort ?? 1883)
    if (format === 'jsonl') return new JsonLinesEncoder(context)
    if (format === 'csv') return new CsvEncoder(context)
    return new RecordingEncoder(context, this.#known())
  }

  /** Connections whose records do not say who they are. */
  #known(): KnownConnection[] {
    const connections = this.#snapshot
    if (!this.#everything) return connections.filter(({ id }) => this.#chosen.has(id))
    return connections.filter(({ id }) => this.#seen.has(id) && !this.#opened.has(id))
  }
}

/** Gathers pieces, because a call of the system for each segment would be most of the cost. */
class PieceWriter {
  readonly #sink: OctetSink
  #pieces: Uint8Array[] = []
  #gathered = 0
  /** All that was written. */
  octets = 0

  constructor(sink: OctetSink) {
    this.#sink = sink
  }

  /** Says whether it is time to flush. */
  add(piece: Uint8Array): boolean {
    if (piece.length > 0) this.#pieces.push(piece)
    this.#gathered += piece.length
    return this.#gathered >= pieceOctets
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.add(piece)) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#gathered === 0) return
    const whole = new Uint8Array(this.#gathered)
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = []
    this.#gathered = 0
    this.octets += whole.length
    await this.#sink.write(whole)
  }
}
