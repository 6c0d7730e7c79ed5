import type { Captured } from '../../app/capture/captured.ts'
import { PcapReader } from '../../app/capture/pcap-file.ts'
import { PcapImport } from '../../app/capture/pcap-import.ts'
import { RecordGatherer } from '../../app/capture/recording-chunks.ts'
import { encodeEnd, encodeHeader, encodeRecords } from '../../app/capture/recording-format.ts'
import type { OctetSink } from './file-sink.ts'
import type { FileSource } from './file-source.ts'

/** So much of the file is read at once. */
const pieceOctets = 1024 * 1024
/** As the running capture does: of a very large packet the first part is kept. */
const keeps = 1024 * 1024

export interface PcapOptions {
  /** TCP with this port is MQTT, whatever it begins with; 1883 when it is not given. */
  readonly brokerPort?: number | undefined
}

export interface PcapContent {
  /** Wall time of the first frame, in milliseconds since 1970. */
  readonly captureStart: number
  readonly records: number
  readonly packets: number
  /** What should be known about it, in words. */
  readonly problem: string | undefined
}

/**
 * Reads the MQTT connections of a pcap or pcapng file, with bounded memory.
 *
 * @param take gets `packBatch` blocks, one after the other, and the wall time at which the capture's time is 0
 * @throws FaultlineError `invalid-argument` when it is neither, `file-unreadable`
 */
export async function readPcap(
  source: FileSource,
  options: PcapOptions,
  take: (block: Uint8Array, captureStart: number) => Promise<void>,
): Promise<PcapContent> {
  const gatherer = new RecordGatherer()
  const blocks: Uint8Array[] = []
  let records = 0
  let packets = 0
  const sink = (record: Captured) => {
    records += 1
    packets += record.kind === 'packet' ? 1 : 0
    const block = gatherer.add(record)
    if (block !== undefined) blocks.push(block)
  }
  const pcap = new PcapImport({ brokerPort: options.brokerPort ?? 1883, keeps }, sink)
  const reader = new PcapReader((frame) => pcap.frame(frame))
  for (let at = 0; at < source.size; at += pieceOctets) {
    reader.push(source.read(at, pieceOctets))
    for (const block of blocks.splice(0)) await take(block, pcap.captureStart)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const damage = reader.end()
  const problems = [...(damage === undefined ? [] : [damage]), ...pcap.end()]
  const last = gatherer.take()
  for (const block of last === undefined ? blocks : [...blocks, last]) await take(block, pcap.captureStart)
  const problem = problems.length === 0 ? undefined : problems.join('; ')
  return { captureStart: pcap.captureStart, records, packets, problem }
}

/**
 * Makes a recording of a pcap or pcapng file of any size. Errors as `readPcap`, and those of the sink.
 *
 * @param options.program the version of the program
 */
export async function importPcap(
  source: FileSource,
  options: PcapOptions & { readonly program: string },
  sink: OctetSink,
): Promise<PcapContent & { readonly octets: number }> {
  let octets = 0
  const write = async (piece: Uint8Array) => {
    octets += piece.length
    await sink.write(piece)
  }
  let begun = false
  const begin = async (captureStart: number) => {
    if (begun) return
    begun = true
    await write(encodeHeader({ captureStart, program: options.program, connections: [] }))
  }
  const content = await readPcap(source, options, async (block, captureStart) => {
    await begin(captureStart)
    await write(encodeRecords(block))
  })
  await begin(content.captureStart)
  await write(encodeEnd({ problem: content.problem }))
  return { ...content, octets }
}
