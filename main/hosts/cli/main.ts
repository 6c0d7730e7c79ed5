import { resolve } from 'node:path'
import { type Installation, readInstallation } from '../installation.ts'
import { type Invocation, parseArguments } from './arguments.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'
import { createTerminal, type Terminal } from './terminal.ts'

/**
 * The command line. Never throws: ends the process with one of `exitCodes`.
 * @param words what follows `faultline`
 * @param root the folder of the installation; ends in `/`
 */
export async function main(words: readonly string[], root: URL): Promise<void> {
  const terminal = createTerminal(process.stdout, process.stderr)
  // Through the last write, so that no line is cut off where the streams are pipes.
  const end = (code: ExitCode) => void process.stderr.write('', () => process.exit(code))
  const exit = (code: ExitCode) => {
    // A write that has failed is told of when its callback has been called.
    process.stdout.write('', () => setImmediate(() => end(codeOf(code, terminal))))
  }
  try {
    const installation = await readInstallation(root)
    const invocation = parseArguments(words, installation.version)
    if (invocation.command === 'print') {
      terminal.result(invocation.text)
      process.exitCode = exitCodes.passed
      return
    }
    exit(await run(invocation, installation, terminal, end))
  } catch (error) {
    terminal.complain(error)
    exit(exitCodeOf(error))
  }
}

/** A result that nobody can read is none: what has passed has not been told. */
function codeOf(code: ExitCode, { lost, say }: Terminal): ExitCode {
  if (lost === undefined) return code
  say(`standard output cannot be written: ${lost.message}`)
  return code === exitCodes.passed ? exitCodes.environmentFailed : code
}

// Each command is loaded when it is the one: help, and a mistake in the arguments, need none of them.
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
    const { exportFile, importFile } = await import('./convert.ts')
    return invocation.command === 'export'
      ? await exportFile({ ...invocation.arguments, ...paths }, installation, terminal)
      : await importFile({ ...invocation.arguments, ...paths }, installation, terminal)
  }
  if (invocation.command === 'run') {
    const { output } = invocation.arguments
    const args = { ...invocation.arguments, output: output === undefined ? undefined : typed(output) }
    const isForEyes = process.stdout.isTTY && !process.env['NO_COLOR']
    const progress = process.stderr.isTTY ? process.stderr : undefined
    const { run: runScenarios } = await import('./run.ts')
    const surroundings = { from: resolve(typed('.')), progress, colour: isForEyes }
    return await runScenarios(args, installation, terminal, exit, surroundings)
  }
  if (invocation.command === 'fleet') {
    const args = { ...invocation.arguments, script: typed(invocation.arguments.script) }
    const { runFleet } = await import('./fleet.ts')
    // A line that is written again and again is for eyes only.
    return await runFleet(args, installation, terminal, exit, process.stderr.isTTY ? process.stderr : undefined)
  }
  if (invocation.command === 'replay') {
    const { recording, rules } = invocation.arguments
    const paths = { recording: typed(recording), rules: rules === undefined ? undefined : typed(rules) }
    const { runReplay } = await import('./replay.ts')
    const progress = process.stderr.isTTY ? process.stderr : undefined
    return await runReplay({ ...invocation.arguments, ...paths }, terminal, exit, progress)
  }
  if (invocation.command === 'init') {
    const { workspace } = invocation.arguments
    const { init } = await import('./init.ts')
    return await init({ ...invocation.arguments, workspace: typed(workspace) }, workspace, installation, terminal)
  }
  if (invocation.command === 'doctor') {
    const { doctor } = await import('./doctor.ts')
    const path = resolve(typed(invocation.arguments.workspace))
    return await doctor({ ...invocation.arguments, workspace: path }, installation, terminal)
  }
  if (invocation.command === 'certificates') {
    const { certificates } = await import('./certificates.ts')
    return await certificates({ ...invocation.arguments, workspace: typed(invocation.arguments.workspace) }, terminal)
  }
  if (invocation.command === 'user') {
    const source = { input: process.stdin, output: process.stderr }
    const { user } = await import('./user.ts')
    return await user({ ...invocation.arguments, workspace: typed(invocation.arguments.workspace) }, terminal, source)
  }
  const { workspace } = invocation.arguments
  if (invocation.command === 'check') {
    const path = workspace === undefined ? undefined : typed(workspace)
    const { check } = await import('./check.ts')
    return await check({ ...invocation.arguments, workspace: path }, installation, terminal)
  }
  const { data } = invocation.arguments
  const args = {
    ...invocation.arguments,
    workspace: workspace === undefined ? undefined : typed(workspace),
    data: data === undefined ? undefined : typed(data),
  }
  if (invocation.command === 'serve') {
    const { serve } = await import('./serve.ts')
    return await serve(args, installation, terminal, exit)
  }
  const { open } = await import('./open.ts')
  return await open(args, installation, terminal, exit)
}

/** npm runs its scripts in the package's folder; a relative path means the folder in which the user typed it. */
function whereTyped(path: string, env: NodeJS.ProcessEnv): string {
  const isOurScript = env['npm_lifecycle_event'] === 'faultline' || env['npm_lifecycle_event'] === 'start'
  return isOurScript ? resolve(env['INIT_CWD'] ?? '', path) : path
}
