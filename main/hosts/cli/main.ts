import { resolve } from 'node:path'
import { type Installation, readInstallation } from '../installation.ts'
import { type Invocation, parseArguments } from './arguments.ts'
import { certificates } from './certificates.ts'
import { check } from './check.ts'
import { exportFile, importFile } from './convert.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'
import { runFleet } from './fleet.ts'
import { open } from './open.ts'
import { serve } from './serve.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { user } from './user.ts'

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
    exit(await run(invocation, installation, terminal, exit))
  } catch (error) {
    terminal.complain(error)
    exit(exitCodeOf(error))
  }
}

async function run(
  invocation: Exclude<Invocation, { command: 'print' }>,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): Promise<ExitCode> {
  const typed = (path: string) => whereTyped(path, process.env)
  if (invocation.command === 'export' || invocation.command === 'import') {
    const { file, output } = invocation.arguments
    const paths = { file: typed(file), output: output === undefined || output === '-' ? output : typed(output) }
    return invocation.command === 'export'
      ? await exportFile({ ...invocation.arguments, ...paths }, installation, terminal)
      : await importFile({ ...invocation.arguments, ...paths }, installation, terminal)
  }
  if (invocation.command === 'fleet') {
    const args = { ...invocation.arguments, script: typed(invocation.arguments.script) }
    // A line that is written again and again is for eyes only.
    return await runFleet(args, installation, terminal, exit, process.stderr.isTTY ? process.stderr : undefined)
  }
  if (invocation.command === 'certificates') {
    return await certificates({ ...invocation.arguments, workspace: typed(invocation.arguments.workspace) }, terminal)
  }
  if (invocation.command === 'user') {
    const source = { input: process.stdin, output: process.stderr }
    return await user({ ...invocation.arguments, workspace: typed(invocation.arguments.workspace) }, terminal, source)
  }
  const { workspace } = invocation.arguments
  if (invocation.command === 'check') {
    const path = workspace === undefined ? undefined : typed(workspace)
    return await check({ ...invocation.arguments, workspace: path }, installation, terminal)
  }
  const { data } = invocation.arguments
  const args = {
    ...invocation.arguments,
    workspace: workspace === undefined ? undefined : typed(workspace),
    data: data === undefined ? undefined : typed(data),
  }
  return await { serve, open }[invocation.command](args, installation, terminal, exit)
}

/** npm runs its scripts in the package's folder; a relative path means the folder in which the user typed it. */
function whereTyped(path: string, env: NodeJS.ProcessEnv): string {
  const isOurScript = env['npm_lifecycle_event'] === 'faultline' || env['npm_lifecycle_event'] === 'start'
  return isOurScript ? resolve(env['INIT_CWD'] ?? '', path) : path
}
