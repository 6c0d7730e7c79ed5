import { constants, type Dirent } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { largestFile } from '../../app/script-api/workspace-path.ts'

export interface ScriptFiles {
  /** Path relative to the workspace, with `/`, to text: all that a script could import. */
  readonly texts: ReadonlyMap<string, string>
  /** Those that are scripts, or lie in `devices`; the others count where one of these imports them. */
  readonly scripts: readonly string[]
  /** Those of more than 1 MB, which the sandbox does not load. They are in `scripts` as others are, and not in `texts`. */
  readonly tooBig: ReadonlySet<string>
}

/** How many files are read; a folder with more is no workspace, but somebody's whole disk. */
const mostFiles = 10_000
/** All of them together, in octets; they are in memory at once. */
const mostOctets = 256 * 1024 * 1024

/**
 * Reads every TypeScript file of a workspace. Links are not followed, because the sandbox does not follow them either;
 * folders of packages and hidden ones are left out.
 *
 * @param root path of the workspace
 * @throws FaultlineError `file-unreadable`; `invalid-argument` when there are more than 10,000 files, or 256 MB of them
 */
export async function readScriptFiles(root: string): Promise<ScriptFiles> {
  const paths: string[] = []
  await collect(root, '', paths)
  paths.sort()
  const texts = new Map<string, string>()
  const tooBig = new Set<string>()
  let octets = 0
  for (const path of paths) {
    const content = await reading(path, () => readBounded(join(root, path)))
    octets += content?.length ?? 0
    if (octets > mostOctets)
      throw noWorkspace(`the workspace has more than ${mostOctets / 1024 / 1024} MB of TypeScript`)
    if (content === undefined) tooBig.add(path)
    else texts.set(path, content.toString('utf8'))
  }
  return { texts, scripts: paths.filter(isScript), tooBig }
}

/** Nothing where it is too big. */
async function readBounded(place: string): Promise<Buffer | undefined> {
  const file = await open(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    const { size } = await file.stat()
    return size > largestFile ? undefined : await file.readFile()
  } finally {
    await file.close()
  }
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
  if (paths.length > mostFiles) throw noWorkspace(`the workspace has more than ${mostFiles} TypeScript files`)
}

function noWorkspace(message: string): FaultlineError {
  const hint = 'name the folder that holds devices/ and faultline.json'
  return new FaultlineError({ code: 'invalid-argument', message, hint })
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
