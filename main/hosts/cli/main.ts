import { resolve } from 'node:path'
import { readInstallation } from '../installation.ts'
import { parseArguments } from './arguments.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'
import { open } from './open.ts'
import { serve } from './serve.ts'
import { createTerminal } from './terminal.ts'

/**
 * The command line. Never throws: ends the process with one of `exitCodes`.
 * @param words what follows `faultline`
 * @param root the folder of the installation; ends in `/`
 */
export async function main(words: readonly string[], root: URL): Promise<void> {
  const terminal = createTerminal(process.stdout, process.stderr)
  // Through the last write, so that no line is cut off where the streams are pipes.
  const exit = (code: ExitCode) => void process.stderr.write('', () => process.exit(code))
  try {
    const installation = await readInstallation(root)
    const invocation = parseArguments(words, installation.version)
    if (invocation.command === 'print') {
      terminal.result(invocation.text)
      process.exitCode = exitCodes.passed
      return
    }
    const run = { serve, open }[invocation.command]
    const workspace = whereTyped(invocation.arguments.workspace, process.env)
    exit(await run({ ...invocation.arguments, workspace }, installation, terminal, exit))
  } catch (error) {
    terminal.complain(error)
    exit(exitCodeOf(error))
  }
}

/** npm runs its scripts in the package's folder; a relative path means the folder in which the user typed it. */
function whereTyped(path: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const isOurScript = env['npm_lifecycle_event'] === 'faultline' || env['npm_lifecycle_event'] === 'start'
  return path === undefined || !isOurScript ? path : resolve(env['INIT_CWD'] ?? '', path)
}
