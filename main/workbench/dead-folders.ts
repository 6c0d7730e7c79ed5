import { readlinkSync } from 'node:fs'
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { messageOf } from '../../app/base/errors.ts'

/** What the name of the folder of a scenario's broker begins with; the id of the process and its namespace follow. */
const prefix = 'faultline-scenario-'

/** A new folder for a scenario's broker. @param parent the system's folder for such things if not given */
export function makeRunFolder(parent = tmpdir()): Promise<string> {
  return mkdtemp(join(parent, `${prefix}${process.pid}-${namespace()}-`))
}

/** Containers that share such a folder each have a process 7: where the system has such spaces, this is the number of ours. */
function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
}

export interface DeadFoldersOptions {
  /** Where they are; the system's folder for such things if not given. */
  readonly parent?: string
  readonly log: (line: string) => void
}

/**
 * Removes the folders of runs whose process is gone: whoever is killed cannot remove its own. Only folders of this user; what
 * is a link is left, and none is followed. What cannot be removed is said.
 */
export async function removeDeadFolders({ log, parent = tmpdir() }: DeadFoldersOptions): Promise<void> {
  try {
    const ours = new RegExp(`^${prefix}(\\d{1,10})-${namespace()}-\\w+$`)
    for (const name of await readdir(parent)) {
      const pid = ours.exec(name)?.[1]
      if (pid === undefined || isAlive(Number(pid))) continue
      const path = join(parent, name)
      // Another run may have been faster.
      const about = await lstat(path).catch(() => undefined)
      if (about?.isDirectory() !== true || about.uid !== (process.getuid?.() ?? about.uid)) continue
      await rm(path, { recursive: true, force: true })
    }
  } catch (error) {
    log(`what runs that were killed have left behind could not be removed: ${messageOf(error)}`)
  }
}

/** Whether a process of this id runs, whoever's it is. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
