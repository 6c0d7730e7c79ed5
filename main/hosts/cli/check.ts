import { fileURLToPath } from 'node:url'
import { checkWorkspace } from '../../workbench/check.ts'
import type { Installation } from '../installation.ts'
import type { CheckArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/**
 * Prints what is wrong in the scripts of a workspace, a line `file:line:column: message` each, or all of it as JSON.
 *
 * @throws FaultlineError what `checkWorkspace` throws
 */
export async function check(
  { workspace, json }: CheckArguments,
  installation: Installation,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = workspace ?? fileURLToPath(installation.simulations)
  const { scripts, mistakes } = await checkWorkspace(path, installation.scriptTypes)
  if (json) terminal.result(JSON.stringify({ scripts, mistakes }, null, 2))
  for (const { file, line, column, message } of json ? [] : mistakes) {
    terminal.result(`${file}:${line}:${column}: ${message}`)
  }
  const found = mistakes.length === 0 ? 'no mistakes' : plural(mistakes.length, 'mistake')
  if (!json) terminal.say(scripts === 0 ? `there is no script in ${path}` : `${plural(scripts, 'script')}, ${found}`)
  return mistakes.length === 0 ? exitCodes.passed : exitCodes.invalidInput
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
