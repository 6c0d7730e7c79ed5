import { extname } from 'node:path'
import { FaultlineError } from '../../../app/base/errors.ts'
import { recordingEnding } from '../../../app/capture/recording-format.ts'
import { exportRecording, importRecording, type Written } from '../../workbench/recordings.ts'
import type { Installation } from '../installation.ts'
import type { ExportArguments, FileArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/**
 * Writes a recording in another format, and says so in one line.
 *
 * @throws FaultlineError what `exportRecording` throws
 */
export async function exportFile(
  args: ExportArguments,
  { version }: Installation,
  terminal: Terminal,
): Promise<ExitCode> {
  const { brokerPort, file, filter, force, to } = args
  const output = args.output ?? besides(file, `.${to}`)
  const written = await exportRecording({
    path: file,
    output: output === '-' ? process.stdout : output,
    format: to,
    filter,
    brokerPort,
    force,
    program: version,
  })
  return report(written, written.of, file, output, terminal)
}

/**
 * Makes a recording of a pcap or pcapng file, and says so in one line.
 *
 * @throws FaultlineError what `importRecording` throws
 */
export async function importFile(
  { brokerPort, file, force, ...args }: FileArguments,
  { version }: Installation,
  terminal: Terminal,
): Promise<ExitCode> {
  const output = args.output ?? besides(file, recordingEnding)
  const written = await importRecording({
    path: file,
    output: output === '-' ? process.stdout : output,
    brokerPort,
    force,
    program: version,
  })
  return report(written, written.records, file, output, terminal)
}

function report(written: Written, of: number, file: string, output: string, terminal: Terminal): ExitCode {
  const { octets, packets, problem } = written
  if (problem !== undefined) terminal.say(`${file}: ${problem}`)
  const line = `${packets} ${packets === 1 ? 'packet' : 'packets'} of ${of} records, ${sizeText(octets)}`
  // Standard output then holds the file, and nothing else.
  if (output === '-') terminal.say(`wrote ${line}`)
  else terminal.result(`wrote ${output}: ${line}`)
  return exitCodes.passed
}

/** Beside the file, under its name with another ending. */
function besides(file: string, ending: string): string {
  const path = `${file.slice(0, file.length - extname(file).length)}${ending}`
  if (path !== file) return path
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${file} is already named as the result would be`,
    hint: 'name another file with --output',
  })
}

function sizeText(octets: number): string {
  if (octets < 1024) return `${octets} octets`
  return octets < 1024 * 1024 ? `${Math.round(octets / 1024)} KiB` : `${Math.round(octets / 1024 / 1024)} MiB`
}
