import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { isTextName, largestFile, resolvePath, textEndings } from '../../../app/script-api/workspace-path.ts'

const byItself = 'cannot be read: the script lies by itself; put it into the folder devices of a workspace'

/** A file of the workspace: relative to it, with `/`. */
export interface ReadFile {
  readonly path: string
  readonly text: string
  /** Changes whenever the text does. */
  readonly revision: string
}

/**
 * Why a file was not read, in words that follow its name. `path` is there if it names a place in the
 * workspace that might be read.
 */
export interface RefusedFile {
  readonly path?: string
  readonly revision?: never
  readonly refused: string
}

/**
 * Reads text files of the workspace for scripts, which are strangers: nothing outside of the folder, no hidden files, no
 * links (they lead anywhere), no pipes or devices, nothing that is too big for a sandbox.
 */
export class WorkspaceFiles {
  readonly #root: string | undefined

  /** @param root the workspace's folder, absolute; undefined for a script by itself, which may read nothing */
  constructor(root: string | undefined) {
    this.#root = root
  }

  /** @param path see `resolvePath` */
  read(path: string, from: string): ReadFile | RefusedFile {
    const resolved = resolvePath(path, from)
    return resolved.path === undefined ? resolved : this.at(resolved.path)
  }

  /** @param path of `resolvePath` */
  at(path: string): ReadFile | RefusedFile {
    if (!isTextName(path)) {
      // Without the path: what nobody may read, nobody has to watch.
      return { refused: `cannot be read: a script can read only files that end in ${textEndings.join(', ')}` }
    }
    if (this.#root === undefined) return { path, refused: byItself }
    try {
      const root = realpathSync(this.#root)
      const place = join(root, path)
      if (realpathSync(place) !== place) return { path, refused: 'lies behind a link, and links are not followed' }
      return { path, ...readPlainFile(place) }
    } catch (error) {
      return { path, refused: whyNot(error) }
    }
  }
}

function readPlainFile(place: string): { text: string; revision: string } | { refused: string } {
  // Not to follow a link that was put there just now, and not to wait for the other end of a pipe.
  const file = openSync(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    const info = fstatSync(file)
    if (!info.isFile()) return { refused: 'is not a plain file' }
    if (info.size > largestFile) return { refused: `is bigger than ${largestFile / 1024 / 1024} MB` }
    const octets = Buffer.allocUnsafe(info.size)
    let length = 0
    for (let read = -1; read !== 0 && length < info.size; length += read) {
      read = readSync(file, octets, length, info.size - length, null)
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets.subarray(0, length))
    return { text, revision: revisionOf(text) }
  } finally {
    closeSync(file)
  }
}

/** Changes whenever the text does. */
export function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'ELOOP') return 'lies behind a link, and links are not followed'
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not text in UTF-8'
  if (code === 'EISDIR') return 'is not a plain file'
  if (typeof code === 'string') return `cannot be read (${code})`
  throw error
}
