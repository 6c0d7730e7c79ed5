import { FaultlineError, messageOf } from '../../../app/base/errors.ts'

/** The two streams of the command line: results on standard output, all talk on standard error. */
export interface Terminal {
  /** A line that programs read. */
  result(line: string): void
  /** A line for people. */
  say(line: string): void
  /** Why results could not be written, as on a full disk; undefined where all were, or where who reads them has gone. */
  readonly lost: Error | undefined
  /** One line `faultline: <message>; <hint>`; with a stack where the error is a fault of ours. */
  complain(error: unknown): void
}

export function createTerminal(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Terminal {
  // Whoever read us may have gone (`faultline serve | head -1`): the workbench serves others and runs on.
  stderr.on('error', () => {})
  let first: NodeJS.ErrnoException | undefined
  stdout.on('error', (error) => {
    first ??= error
  })
  const say = (line: string) => void stderr.write(`faultline: ${line}\n`)
  return {
    result: (line) => void stdout.write(`${line}\n`),
    say,
    get lost() {
      return first?.code === 'EPIPE' ? undefined : first
    },
    complain: (error) => say(describe(error)),
  }
}

/** What is told of anything that was thrown. */
function describe(error: unknown): string {
  if (error instanceof FaultlineError) {
    const { message, hint } = error
    return hint === undefined ? message : `${message}; ${hint}`
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
  return `internal error, please report it: ${stack}`
}
