import { randomUUID } from 'node:crypto'
import { access, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, posix, resolve } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { makeFolder } from '../broker/stores/make-folder.ts'
import { checkFolderInside } from '../workspace/folder-inside.ts'
import { initialFiles } from './init-files.ts'

/** Where the declarations of `faultline` go in a workspace. */
const typesFolder = 'types/faultline'

export interface InitOptions {
  /** Of the workspace: made where it is not there. */
  readonly path: string
  /** Only the declarations, in place of those of another version. */
  readonly typesOnly: boolean
  /** The folder of the script API's `.d.ts` files; ends in `/`. */
  readonly types: URL
  /** The folder of what a new script can begin with; ends in `/`. */
  readonly templates: URL
}

export type InitResult =
  /** Files that were written, and those that were there already, as they would have been written. Relative, with `/`. */
  | { readonly written: readonly string[]; readonly same: readonly string[]; readonly conflicts?: undefined }
  /**
   * Files that cannot be made, as something else is in their place: a file of another content, a folder, or a file where a
   * folder should be. Nothing was written.
   */
  | { readonly conflicts: readonly string[] }

/**
 * Makes a workspace: a device, a scenario, what an editor needs to know their types, and what runs the scenarios in CI. No
 * file is ever replaced, but for the declarations where they alone are asked for.
 *
 * @throws FaultlineError `file-unreadable`, `file-unwritable`, `forbidden` where a folder leads out of the workspace
 */
export async function initWorkspace({ path, templates, types, typesOnly }: InitOptions): Promise<InitResult> {
  const folder = resolve(path)
  const declarations = await typeFiles(types)
  const files = typesOnly
    ? declarations
    : new Map([...(await initialFiles(basename(folder), templates)), ...declarations])
  const there = await Promise.all(
    [...files].map(async ([file, text]) => [file, await stateOf(folder, file, text)] as const),
  )
  const named = (state: string) => there.flatMap(([file, is]) => (is === state ? [file] : []))
  // Declarations take the place of other files, and of nothing else.
  const replaced = typesOnly ? named('other') : []
  const conflicts = there.flatMap(([file, is]) => (is === 'in the way' || (is === 'other' && !typesOnly) ? [file] : []))
  if (conflicts.length > 0) return { conflicts }
  const written = typesOnly ? [...replaced, ...named('absent')].sort() : named('absent')
  await checkInside(folder, written)
  for (const file of written) await write(folder, file, files.get(file) ?? '', typesOnly)
  return { written, same: named('same') }
}

async function typeFiles(types: URL): Promise<Map<string, string>> {
  const names = (await readdir(types)).filter((name) => name.endsWith('.d.ts')).sort()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, types), 'utf8')))
  return new Map(names.map((name, i) => [`${typesFolder}/${name}`, withoutReferences(texts[i] ?? '')]))
}

/** The configuration of a workspace takes in the whole folder; and a script cannot refer to anything. */
function withoutReferences(text: string): string {
  return text.replace(/^\/\/\/ <reference .*\n/gm, '').trimStart()
}

type State = 'absent' | 'same' | 'other' | 'in the way'

async function stateOf(folder: string, file: string, text: string): Promise<State> {
  const path = join(folder, file)
  try {
    return (await readFile(path, 'utf8')) === text ? 'same' : 'other'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A link to nothing is something, as whoever writes there finds out.
    if (code === 'ENOENT') return (await lstat(path).catch(() => undefined)) === undefined ? 'absent' : 'other'
    // A folder of that name, or a file where a folder should be.
    if (code === 'EISDIR' || code === 'ENOTDIR') return 'in the way'
    throw new FaultlineError({ code: 'file-unreadable', message: `${file} cannot be read: ${messageOf(error)}` })
  }
}

async function write(folder: string, file: string, text: string, mayReplace: boolean): Promise<void> {
  const path = join(folder, file)
  try {
    await makeFolder(dirname(path))
    // Somebody may have made it in the meantime.
    if (mayReplace) await replace(path, text)
    else await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if (error instanceof FaultlineError) throw error
    const message = `${path} cannot be written: ${messageOf(error)}`
    throw new FaultlineError({ code: 'file-unwritable', message, hint: 'name a folder that you may write to' })
  }
}

/**
 * Before anything is made. A workspace may come from a stranger: a link in it takes the place of no file elsewhere.
 *
 * @param files relative, with `/`
 */
async function checkInside(folder: string, files: readonly string[]): Promise<void> {
  const there = await access(folder).then(
    () => true,
    () => false,
  )
  // Nothing in it can lead anywhere yet.
  if (!there) return
  for (const parent of new Set(files.map((file) => posix.dirname(file)))) await checkFolderInside(folder, parent)
}

/** In one step, and the link itself where it is one. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
