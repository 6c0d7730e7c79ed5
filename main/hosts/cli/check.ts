import { fileURLToPath } from 'node:url'
import { checkWorkspace } from '../../workbench/check.ts'
import type { Installation } from '../installation.ts'
import type { CheckArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/**
 * Prints what is wrong in a workspace, a line `file:line:column: message` each, or all of it as JSON.
 *
 * @throws FaultlineError what `checkWorkspace` throws
 */
export async function check(
  { workspace, json }: CheckArguments,
  installation: Installation,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = workspace ?? fileURLToPath(installation.simulations)
  const { guest, scriptTypes, worker } = installation
  const { scripts, mistakes, hints } = await checkWorkspace(path, scriptTypes, { guest, worker })
  if (json) terminal.result(JSON.stringify({ scripts, mistakes, hints }, null, 2))
  for (const { file, line, column, message } of json ? [] : mistakes) {
    terminal.result(`${file}:${line}:${column}: ${message}`)
  }
  for (const { file, message } of json ? [] : hints) terminal.say(`hint: ${file}: ${message}`)
  const found = mistakes.length === 0 ? 'no mistakes' : plural(mistakes.length, 'mistake')
  if (scripts === 0) terminal.say(`there is no script in ${path}; name the folder that holds devices/`)
  else if (!json) {
    const where = workspace === undefined ? ' of the demo plant (name a workspace to check another)' : ''
    terminal.say(`${plural(scripts, 'script')}${where}, ${found}`)
  }
  return scripts > 0 && mistakes.length === 0 ? exitCodes.passed : exitCodes.invalidInput
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
