import { lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { FaultlineError } from '../../app/base/errors.ts'

/**
 * Makes a folder of a workspace, and those that it is in. A workspace may come from a stranger: what lies behind a link out
 * of it is neither made nor written to.
 *
 * @param root absolute path of the workspace, which is there. @param folder relative to it, with `/`
 * @throws FaultlineError `forbidden`; what `mkdir` throws
 */
export async function makeFolderInside(root: string, folder: string): Promise<void> {
  const inside = await insideOf(root)
  for (const made of levelsOf(folder)) {
    const path = join(root, made)
    try {
      await mkdir(path)
    } catch (error) {
      if (await leadsOut(path, inside)) throw outside(made)
      const there = await stat(path).catch(() => undefined)
      if (there?.isDirectory() !== true) throw error
    }
  }
}

/**
 * As `makeFolderInside` would find it, and makes nothing: a folder that is not there leads nowhere.
 *
 * @throws FaultlineError `forbidden`; what `realpath` throws of a workspace that is not there
 */
export async function checkFolderInside(root: string, folder: string): Promise<void> {
  const inside = await insideOf(root)
  for (const made of levelsOf(folder)) if (await leadsOut(join(root, made), inside)) throw outside(made)
}

/** What the true path of everything in a workspace begins with. */
async function insideOf(root: string): Promise<string> {
  const real = await realpath(root)
  return real.endsWith(sep) ? real : real + sep
}

/** Of `a/b`: `a`, then `a/b`. */
function levelsOf(folder: string): string[] {
  const names = posix.normalize(folder).split('/')
  return names.map((_, i) => posix.join(...names.slice(0, i + 1)))
}

/** A link to nothing is one to a place where something could be made. */
async function leadsOut(path: string, inside: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined)
  if (real !== undefined) return !`${real}${sep}`.startsWith(inside)
  const own = await lstat(path).catch(() => undefined)
  return own?.isSymbolicLink() === true
}

function outside(folder: string): FaultlineError {
  return new FaultlineError({
    code: 'forbidden',
    message: `${folder} leads out of the workspace`,
    hint: 'put a plain folder in its place: links out of the workspace are not followed',
  })
}
