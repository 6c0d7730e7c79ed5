import { FaultlineError } from '../../../app/base/errors.ts'
import { deleteUser, listUsers, setUser } from '../../workbench/users.ts'
import type { UserArguments } from './broker-arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type PasswordSource, readPassword } from './read-password.ts'
import type { Terminal } from './terminal.ts'

/**
 * Adds, removes or lists users of a workspace.
 *
 * @throws FaultlineError as `setUser`, `deleteUser`, `listUsers` and `readPassword`
 */
export async function user(args: UserArguments, terminal: Terminal, source: PasswordSource): Promise<ExitCode> {
  const { workspace } = args
  if (args.action === 'list') {
    const names = await listUsers(workspace)
    for (const name of names) terminal.result(name)
    if (names.length === 0)
      terminal.say('there are no users: every client may connect, unless faultline.json forbids it')
  } else if (args.action === 'remove') {
    await deleteUser(workspace, args.name)
    terminal.say(`${args.name} is removed`)
  } else {
    const isNew = await setUser(workspace, args.name, await passwordFor(args.name, source))
    terminal.say(isNew ? `${args.name} is added` : `${args.name} has another password now`)
  }
  return exitCodes.passed
}

async function passwordFor(name: string, source: PasswordSource): Promise<string> {
  const password = await readPassword(`Password of ${name}: `, source)
  if (!source.input.isTTY || (await readPassword('The same again: ', source)) === password) return password
  throw new FaultlineError({ code: 'invalid-argument', message: 'the two passwords are not the same' })
}
