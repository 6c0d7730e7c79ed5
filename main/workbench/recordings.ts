import type { Writable } from 'node:stream'
import { FaultlineError } from '../../app/base/errors.ts'
import type { ExportFormat } from '../../app/capture/export-encoder.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import { headerStart, isRecording } from '../../app/capture/recording-format.ts'
import { exportCapture } from '../recorder/export.ts'
import { FileSink } from '../recorder/file-sink.ts'
import { FileSource } from '../recorder/file-source.ts'
import { importPcap } from '../recorder/import.ts'
import { openRecording } from '../recorder/open-recording.ts'
import { StreamSink } from '../recorder/stream-sink.ts'

interface FileOptions {
  /** The file that is read. */
  readonly path: string
  /** The broker's port in pcap and pcapng files. */
  readonly brokerPort: number
  /** The version of the program. */
  readonly program: string
  /** Whether a file that exists may be replaced. */
  readonly force: boolean
}

export interface Written {
  readonly records: number
  readonly packets: number
  readonly octets: number
  /** What could not be read, in words; undefined where all could. */
  readonly problem: string | undefined
}

/**
 * Writes a recording, or a pcap or pcapng file, in another format; without a workbench that runs.
 *
 * @param options.output a path, or a stream that is not ended
 * @throws FaultlineError `invalid-argument` for a filter that cannot be read, or that nothing fits; what `openRecording` and `FileSink.replace`
 * throw
 */
export async function exportRecording(
  options: FileOptions & {
    readonly format: ExportFormat
    readonly filter: string
    readonly output: string | Writable
  },
): Promise<Written & { readonly of: number }> {
  const { brokerPort, format, output, path, program } = options
  const filter = compileFilter(options.filter)
  const recording = await openRecording(path, { brokerPort })
  try {
    const written = await into(output, options.force, async (sink) => {
      const done = await exportCapture(recording, { format, filter, program, brokerPort }, sink)
      if (done.records === 0 && options.filter.trim() !== '')
        throw nothingFits(path, options.filter, done.of - done.missed)
      return done
    })
    const { records, packets, octets, missed, of } = written
    return { records, packets, octets, of: of - missed, problem: recording.problem }
  } finally {
    recording.dispose()
  }
}

/**
 * Makes a recording of a pcap or pcapng file of any size.
 *
 * @throws FaultlineError `invalid-argument` for another file; `file-unreadable`; what `FileSink.replace` throws
 */
export async function importRecording(options: FileOptions & { readonly output: string | Writable }): Promise<Written> {
  const { brokerPort, force, output, path, program } = options
  const source = new FileSource(path)
  try {
    if (isRecording(source.read(0, headerStart))) throw importedAlready(path)
    return await into(output, force, (sink) => importPcap(source, { brokerPort, program }, sink))
  } finally {
    source.close()
  }
}

/** A file without anything in it would be in the way of the next one. */
function nothingFits(path: string, filter: string, records: number): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `none of the ${records} records in ${path} fits the filter ${filter}`,
    hint: 'no file was written; without --filter all of them are',
  })
}

function importedAlready(path: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `${path} is a recording of Faultline already`,
    hint: 'open it on the Traffic screen, or write it in another format with faultline export',
  })
}

/** A file that is there when it is complete, or a stream. */
async function into<T>(
  output: string | Writable,
  force: boolean,
  write: (sink: FileSink | StreamSink) => Promise<T>,
): Promise<T> {
  if (typeof output !== 'string') return await write(new StreamSink(output, 'standard output'))
  const file = await FileSink.replace(output, {
    force,
    hint: 'name another file with --output, or replace it with --force',
  })
  try {
    const result = await write(file)
    await file.close()
    return result
  } catch (error) {
    await file.abandon()
    throw error
  }
}
