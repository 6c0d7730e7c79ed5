import { basename } from 'node:path'
import { FaultlineError } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured } from '../../app/capture/captured.ts'
import { isPcap } from '../../app/capture/pcap-file.ts'
import { RecordedConnections } from '../../app/capture/recording-connections.ts'
import {
  isRecording,
  type RecordingHeader,
  readHeader,
  readRecords,
  type ScanResult,
  scanChunks,
} from '../../app/capture/recording-format.ts'
import { FileSource } from './file-source.ts'
import { readPcap } from './import.ts'
import { RecordedCapture, type StoredChunk } from './recorded-capture.ts'
import { Turn } from './turn.ts'

/** A pcap or pcapng file is held in memory; a larger one has to be made a recording first. */
const mostPcapOctets = 256 * 1024 * 1024

export interface OpenOptions {
  /** In pcap files: TCP with this port is MQTT; 1883 when it is not given. */
  readonly brokerPort?: number | undefined
  /** Somebody writes to it: then it has no end yet, and that is as it should be. */
  readonly isBeingWritten?: boolean | undefined
}

/**
 * Opens a recording of Faultline, whatever its size, or a pcap or pcapng file of up to 256 MiB. A recording is read once
 * to its end, to know what is in it; of its records an index stays in memory.
 *
 * @throws FaultlineError `file-unreadable`; `unsupported-version` for a recording of a newer program; `invalid-argument`
 * for a file that is none of these.
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<RecordedCapture> {
  const source = new FileSource(path)
  try {
    const start = source.read(0, 8)
    if (isRecording(start)) return await openOwn(source, options.isBeingWritten ?? false)
    if (!isPcap(start)) throw unknownKind(path)
    if (source.size > mostPcapOctets) throw tooLarge(path)
    return await openPcap(source, options.brokerPort)
  } catch (error) {
    source.close()
    throw error
  }
}

async function openOwn(source: FileSource, isBeingWritten: boolean): Promise<RecordedCapture> {
  const header = readHeader(source)
  const { captureStart, connections: known, filter } = header.meta
  const connections = new RecordedConnections(captureStart, known)
  const chunks: StoredChunk[] = []
  const scan = scanChunks(source, header)
  const gaps = new Gaps()
  const turn = new Turn()
  for (;;) {
    const { done, value } = scan.next()
    if (done) {
      const problem = describe(value, gaps, isBeingWritten)
      const name = basename(source.path) + (filter === undefined ? '' : ` (${filter})`)
      return new RecordedCapture({ name, captureStart, chunks, connections, problem, close: () => source.close() })
    }
    const { batch, offset } = value
    gaps.add(batch)
    for (let i = 0; i < batch.count; i++) connections.add(batch.at(i) as Captured)
    chunks.push(storedChunk(source, header, offset, batch))
    await turn.letOthers()
  }
}

function storedChunk(source: FileSource, header: RecordingHeader, offset: number, batch: CaptureBatch): StoredChunk {
  const { first, count } = batch
  return { first, count, load: () => readRecords(source, header, offset) }
}

async function openPcap(source: FileSource, brokerPort: number | undefined): Promise<RecordedCapture> {
  const blocks: Uint8Array[] = []
  const { captureStart, problem } = await readPcap(source, { brokerPort }, async (block) => {
    blocks.push(block)
  })
  source.close()
  const connections = new RecordedConnections(captureStart, [])
  const chunks: StoredChunk[] = []
  const turn = new Turn()
  for (const block of blocks) {
    const batch = new CaptureBatch(block)
    for (let i = 0; i < batch.count; i++) connections.add(batch.at(i) as Captured)
    chunks.push({ first: batch.first, count: batch.count, load: () => batch })
    await turn.letOthers()
  }
  return new RecordedCapture({ name: basename(source.path), captureStart, chunks, connections, problem, close() {} })
}

/** Numbers that are missing between chunks. */
class Gaps {
  places = 0
  records = 0
  #next: number | undefined

  add({ first, count }: CaptureBatch): void {
    const missing = first - (this.#next ?? first)
    if (missing > 0) this.places += 1
    this.records += missing
    this.#next = first + count
  }
}

function describe(scan: ScanResult, gaps: Gaps, isBeingWritten: boolean): string | undefined {
  const { damage, ended, unfinished } = scan
  const problems: string[] = []
  if (isBeingWritten && ended === undefined && (damage === undefined || unfinished)) {
    problems.push('it is still being written: open it again to see what came after it was opened')
  } else if (damage !== undefined) problems.push(damage)
  else if (ended === undefined) {
    problems.push('it was not stopped in order: what came within the last second may be missing')
  }
  if (ended?.problem !== undefined) problems.push(ended.problem)
  else if (gaps.records > 0) problems.push(`${gaps.records} records are missing, at ${gaps.places} places`)
  return problems.length === 0 ? undefined : problems.join('; ')
}

function unknownKind(path: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `${path} is neither a recording of Faultline nor a pcap or pcapng file`,
    hint: 'a compressed file has to be unpacked first',
  })
}

function tooLarge(path: string): FaultlineError {
  const mebibytes = mostPcapOctets / 1024 / 1024
  return new FaultlineError({
    code: 'invalid-argument',
    message: `${path} is larger than ${mebibytes} MiB, too large to be held in memory`,
    hint: 'make a recording of it with faultline import, which opens at any size',
  })
}
