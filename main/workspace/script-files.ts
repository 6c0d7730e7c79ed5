import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

export interface ScriptFiles {
  /** Path relative to the workspace, with `/`, to text: all that a script could import. */
  readonly texts: ReadonlyMap<string, string>
  /** Those that are scripts, or lie in `devices`; the others count where one of these imports them. */
  readonly scripts: readonly string[]
}

/** How many files are read; a folder with more is no workspace, but somebody's whole disk. */
const mostFiles = 10_000

/**
 * Reads every TypeScript file of a workspace. Links are not followed, because the sandbox does not follow them either;
 * folders of packages and hidden ones are left out.
 *
 * @param root path of the workspace
 * @throws FaultlineError `file-unreadable`; `invalid-argument` when there are more than 10,000 files
 */
export async function readScriptFiles(root: string): Promise<ScriptFiles> {
  const paths: string[] = []
  await collect(root, '', paths)
  paths.sort()
  const texts = new Map<string, string>()
  for (const path of paths) texts.set(path, await reading(path, () => readFile(join(root, path), 'utf8')))
  return { texts, scripts: paths.filter(isScript) }
}

function isScript(path: string): boolean {
  return path.startsWith('devices/') || /\.(?:device|scenario)\.ts$/.test(path)
}

async function collect(root: string, folder: string, paths: string[]): Promise<void> {
  const entries = await reading(folder || 'the workspace', () => readdir(join(root, folder), { withFileTypes: true }))
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (isSource(entry)) paths.push(path)
    else if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
      await collect(root, path, paths)
    }
  }
  if (paths.length <= mostFiles) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `the workspace has more than ${mostFiles} TypeScript files`,
    hint: 'name the folder that holds devices/ and faultline.json',
  })
}

function isSource(entry: Dirent): boolean {
  return entry.isFile() && entry.name.endsWith('.ts')
}

async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `${what} cannot be read: ${messageOf(error)}`,
      hint: 'check its permissions',
    })
  }
}
