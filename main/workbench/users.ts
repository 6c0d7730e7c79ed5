import { addUser, readUsers, removeUser } from '../broker/access/edit-users.ts'
import { Workspace } from '../workspace/workspace.ts'

/** The names of the users of a workspace, sorted. @throws FaultlineError as `Workspace.open` and `readUsers` */
export async function listUsers(workspace: string): Promise<string[]> {
  return [...(await readUsers((await Workspace.open(workspace)).path)).keys()].sort()
}

/** @returns whether the user is new. @throws FaultlineError as `Workspace.open` and `addUser` */
export async function setUser(workspace: string, name: string, password: string): Promise<boolean> {
  return addUser((await Workspace.open(workspace)).path, name, password)
}

/** @throws FaultlineError as `Workspace.open` and `removeUser` */
export async function deleteUser(workspace: string, name: string): Promise<void> {
  await removeUser((await Workspace.open(workspace)).path, name)
}
