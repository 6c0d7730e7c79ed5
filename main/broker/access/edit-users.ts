import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { hashPassword } from './password-hash.ts'
import { formatUsers, parseUsers, type Users, userNameMistake, usersFile } from './users-file.ts'

/**
 * The users of a workspace.
 * @throws FaultlineError `file-unreadable`, `invalid-argument`
 */
export async function readUsers(workspace: string): Promise<Users> {
  try {
    return parseUsers(await readFile(join(workspace, usersFile), 'utf8'))
  } catch (error) {
    if (error instanceof FaultlineError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `${usersFile} cannot be read: ${messageOf(error)}`,
      hint: 'check its permissions',
    })
  }
}

/**
 * Adds a user, or gives one another password.
 *
 * @returns whether the user is new
 * @throws FaultlineError `invalid-argument`, `file-unreadable`, `file-unwritable`
 */
export async function addUser(workspace: string, name: string, password: string): Promise<boolean> {
  const wrong = userNameMistake(name) ?? (password === '' ? 'a password is not empty' : undefined)
  if (wrong !== undefined) {
    throw new FaultlineError({ code: 'invalid-argument', message: wrong, hint: 'see faultline user --help' })
  }
  const users = new Map(await readUsers(workspace))
  const isNew = !users.has(name)
  users.set(name, await hashPassword(Buffer.from(password)))
  await write(workspace, users)
  return isNew
}

/** @throws FaultlineError `invalid-argument`, `file-unreadable`, `file-unwritable` */
export async function removeUser(workspace: string, name: string): Promise<void> {
  const users = new Map(await readUsers(workspace))
  if (!users.delete(name)) {
    const hint = users.size === 0 ? 'there are none' : `there is ${[...users.keys()].sort().join(', ')}`
    throw new FaultlineError({ code: 'invalid-argument', message: `there is no user ${name}`, hint })
  }
  await write(workspace, users)
}

/** In one step: a broker that runs reads it whenever somebody connects. */
async function write(workspace: string, users: Users): Promise<void> {
  const path = join(workspace, usersFile)
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, formatUsers(users), { mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new FaultlineError({
      code: 'file-unwritable',
      message: `${usersFile} cannot be written: ${messageOf(error)}`,
      hint: 'check the permissions of the workspace folder',
    })
  }
}
