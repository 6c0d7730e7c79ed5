import type { Captured } from '../../app/capture/captured.ts'
import { type PcapFrame, PcapReader } from '../../app/capture/pcap-file.ts'
import { PcapImport } from '../../app/capture/pcap-import.ts'

/** Every frame of a capture file, and what was wrong with it; it comes in the given pieces. */
export function framesOf(...pieces: Uint8Array[]): { frames: PcapFrame[]; problem: string | undefined } {
  const frames: PcapFrame[] = []
  const reader = new PcapReader((frame) => frames.push({ ...frame, octets: frame.octets.slice() }))
  for (const piece of pieces) reader.push(piece)
  return { frames, problem: reader.end() }
}

/** What an import makes of frames. */
export function imported(
  frames: readonly PcapFrame[],
  options: { brokerPort?: number; keeps?: number } = {},
): { records: Captured[]; problems: string[]; captureStart: number } {
  const records: Captured[] = []
  const { brokerPort = 1883, keeps = 1024 * 1024 } = options
  const pcap = new PcapImport({ brokerPort, keeps }, (record) => records.push(record))
  for (const frame of frames) pcap.frame(frame)
  return { problems: pcap.end(), records, captureStart: pcap.captureStart }
}

/** Records in a few words each, such as `1 > c000` and `2 closed`. */
export function inWords(records: readonly Captured[]): string[] {
  return records.map((record) => {
    if (record.kind === 'event') {
      const { event } = record
      const how = event.type === 'closed' ? ` by ${event.by} ${event.cause}` : ''
      return `${record.connection} ${event.type}${event.type === 'opened' ? ` ${event.remote}` : how}`
    }
    const arrow = record.direction === 'to broker' ? '>' : '<'
    const malformed = record.malformed ? ` ${record.malformed}` : ''
    return `${record.connection} ${arrow} ${Buffer.from(record.octets).toString('hex')}${malformed}`
  })
}
