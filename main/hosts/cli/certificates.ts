import { makeCertificates, type WorkspaceCertificate } from '../../workbench/certificates.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import type { CertificatesArguments } from './broker-arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/**
 * Makes the certificates of a workspace that are missing, and prints a line `file  until  purpose` for each.
 *
 * @throws FaultlineError as `makeCertificates`
 */
export async function certificates({ workspace, json }: CertificatesArguments, terminal: Terminal): Promise<ExitCode> {
  const all = await makeCertificates(workspace, systemClock)
  if (json) terminal.result(JSON.stringify(all.map(inJson), null, 2))
  else for (const line of lines(all)) terminal.result(line)
  const made = all.filter((one) => one.made === 'now').length
  terminal.say(made === 0 ? 'none was missing' : `${made} made, in ${workspace}`)
  return exitCodes.passed
}

function inJson({ validFrom, validUntil, ...rest }: WorkspaceCertificate) {
  return { ...rest, validFrom: moment(validFrom), validUntil: moment(validUntil) }
}

function lines(all: readonly WorkspaceCertificate[]): string[] {
  const width = Math.max(...all.map(({ file }) => file.length))
  return all.map(({ file, purpose, validUntil }) => {
    return `${file.padEnd(width)}  until ${moment(validUntil)?.slice(0, 10) ?? 'unknown   '}  ${purpose}`
  })
}

/** Null where a file of somebody else's says none. */
function moment(ms: number): string | null {
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
