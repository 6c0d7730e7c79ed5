import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { isHidden, isPlainName, isTextName, largestFile, textEndings } from '../../app/script-api/workspace-path.ts'

/** The folder of the scripts of devices. */
export const scriptFolder = 'devices'
/** Deeper folders, and more files, belong to something that is no workspace. */
export const deepest = 8
const mostFiles = 1000

export interface TextFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string
  readonly text: string
  /** Changes whenever the text does. */
  readonly revision: string
}

export function toTextFile(path: string, text: string): TextFile {
  return { path, text, revision: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

/**
 * Reads a text file of a workspace, for a screen: no other kind of file, nothing hidden, and no links, because those lead
 * out of the workspace, which may come from a stranger.
 *
 * @throws FaultlineError `invalid-argument`, `not-found`, `forbidden`, `file-unreadable`
 */
export async function readTextFile(root: string, path: string): Promise<TextFile> {
  checkPath(path)
  try {
    const place = join(await realpath(root), path)
    const plain = (await realpath(place)) === place
    const info = await lstat(place)
    if (!plain || !info.isFile()) throw notPlain(path)
    if (info.size > largestFile) {
      throw new FaultlineError({ code: 'invalid-argument', message: `${path} is bigger than 1 MB` })
    }
    return toTextFile(path, await readFile(place, 'utf8'))
  } catch (error) {
    if (error instanceof FaultlineError) throw error
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error)
    throw new FaultlineError({ code: 'not-found', message: `there is no ${path} in the workspace` })
  }
}

/**
 * Paths of the text files in a folder of the workspace and below, sorted.
 *
 * @throws FaultlineError `forbidden` where that folder is a link, `file-unreadable`
 */
export async function listTextFiles(root: string, name: string = scriptFolder): Promise<string[]> {
  const folder = join(await realpath(root), name)
  const place = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unreadable(name, error)
  })
  if (place === undefined) return []
  if (place !== folder) throw notPlain(name)
  const paths: string[] = []
  await collect(root, name, deepest, paths)
  return paths.sort()
}

async function collect(root: string, folder: string, depth: number, paths: string[]): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error) => {
    throw unreadable(folder, error)
  })
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    if (isText(entry) && paths.length < mostFiles) paths.push(path)
    else if (entry.isDirectory() && depth > 0 && !isLeftOut(entry.name)) await collect(root, path, depth - 1, paths)
  }
}

function isText(entry: Dirent): boolean {
  return entry.isFile() && !isLeftOut(entry.name) && isTextName(entry.name)
}

/** Hidden, or other people's packages. */
export function isLeftOut(name: string): boolean {
  return isHidden(name) || name === 'node_modules'
}

function checkPath(path: string): void {
  const segments = path.split('/')
  if (segments.every((name) => isPlainName(name) && !isLeftOut(name)) && isTextName(path)) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `'${path}' is not a text file of a workspace`,
    hint: `scripts and what they read are files that end in ${textEndings.join(', ')}`,
  })
}

function notPlain(path: string): FaultlineError {
  return new FaultlineError({
    code: 'forbidden',
    message: `${path} is a link, or lies behind one`,
    hint: 'put a copy in its place: links out of the workspace are not followed',
  })
}

export function unreadable(path: string, error: unknown): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `${path} cannot be read: ${messageOf(error)}`,
    hint: 'check its permissions',
  })
}
