import { initWorkspace } from '../../workbench/init-workspace.ts'
import type { Installation } from '../installation.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { InitArguments } from './init-arguments.ts'
import type { Terminal } from './terminal.ts'

/**
 * Makes a workspace, and prints a line for each file that was written; or for each that cannot be made, as something else
 * is in its place, and writes none.
 *
 * @param typed the folder as the user wrote it
 * @throws FaultlineError what `initWorkspace` throws
 */
export async function init(
  { typesOnly, workspace }: InitArguments,
  typed: string,
  { scriptTypes, templates }: Pick<Installation, 'scriptTypes' | 'templates'>,
  terminal: Terminal,
): Promise<ExitCode> {
  const result = await initWorkspace({ path: workspace, typesOnly, types: scriptTypes, templates })
  if (result.conflicts !== undefined) {
    for (const file of result.conflicts) terminal.result(file)
    const count = result.conflicts.length
    const files = count === 1 ? 'one file' : `${count} files`
    terminal.say(
      `${files} cannot be made where something else is already: nothing was written; move it away, or name another folder`,
    )
    return exitCodes.invalidInput
  }
  for (const file of result.written) terminal.result(file)
  if (result.written.length === 0) terminal.say('all of it is there already')
  if (!typesOnly) for (const line of nextSteps(typed)) terminal.say(line)
  return exitCodes.passed
}

function nextSteps(folder: string): string[] {
  return [
    'next:',
    'in it: npm test, npm run check and npm start find Faultline by the variable FAULTLINE, which names its folder',
    `  faultline check ${folder}   looks for mistakes`,
    `  faultline run ${folder}     runs its scenarios`,
    `  faultline serve ${folder}   opens it on the screen`,
  ]
}
