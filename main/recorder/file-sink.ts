import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

/** Where octets go; the next `write` waits for the one before. */
export interface OctetSink {
  /** Settles when there is room for more. */
  write(octets: Uint8Array): Promise<void>
}

/** Paths in one folder, by their place from 1 on; undefined where there are no more. */
export type Names = (place: number) => string | undefined

/**
 * What its end means:
 * - `in place`: the file is what it is written to; without a result it is taken away
 * - `given`: somebody else's pipe or device, which stays
 * - `first free`: it gets the first of these names that nothing has, at its end
 * - `over`: it takes the place of what has this name
 */
type Ending =
  | { readonly kind: 'in place' | 'given' }
  | { readonly kind: 'first free'; readonly name: Names; readonly hint: string }
  | { readonly kind: 'over' }

/** A file that is written from its start. */
export class FileSink implements OctetSink {
  /** Octets that are in the file. */
  written = 0
  /** Where it is to be found, when it is complete. */
  #target: string
  readonly #path: string
  readonly #file: FileHandle
  readonly #ending: Ending

  private constructor(path: string, target: string, file: FileHandle, ending: Ending) {
    this.#path = path
    this.#target = target
    this.#file = file
    this.#ending = ending
  }

  /** Where it is, or what it is going to be called; of a fresh one `close` decides. */
  get path(): string {
    return this.#target
  }

  /**
   * A new file that can be read while it grows.
   *
   * @throws FaultlineError `already-exists`, `file-unwritable`
   */
  static async create(path: string): Promise<FileSink> {
    try {
      await makeFolder(path)
      return new FileSink(path, path, await open(path, 'wx'), { kind: 'in place' })
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /**
   * A file that is there when it is complete: until `close` what stood under its name stays.
   *
   * @param options.force whether an existing file may be replaced
   * @param options.hint what can be done where it may not
   * @throws FaultlineError `already-exists`, `file-unwritable`
   */
  static async replace(path: string, options: { readonly force: boolean; readonly hint: string }): Promise<FileSink> {
    const { force, hint } = options
    try {
      const existing = await stat(path).catch(absent)
      // A pipe or a device is written to, and never replaced.
      if (existing !== undefined && !existing.isFile() && !existing.isDirectory()) {
        return new FileSink(path, path, await open(path, 'w'), { kind: 'given' })
      }
      if (existing?.isDirectory()) throw isFolder(path)
      if (existing !== undefined && !force) throw alreadyThere(path, hint)
      return await FileSink.#part(
        path,
        force ? { kind: 'over' } : { kind: 'first free', name: (place) => (place === 1 ? path : undefined), hint },
      )
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /**
   * A file that is there when it is complete, and then under the first of these names that nothing has: two that are
   * written at the same time, by whichever programs, get different names.
   *
   * @throws FaultlineError `file-unwritable`
   */
  static async fresh(name: (place: number) => string): Promise<FileSink> {
    const first = name(1)
    try {
      return await FileSink.#part(first, { kind: 'first free', name, hint: 'try again' })
    } catch (error) {
      throw unwritable(first, error)
    }
  }

  /** Beside its target, under a name that no other has. */
  static async #part(target: string, ending: Ending): Promise<FileSink> {
    await makeFolder(target)
    for (let n = 1; ; n++) {
      const path = `${target}.part-${process.pid}-${n}`
      const file = await open(path, 'wx').catch(taken)
      if (file !== undefined) return new FileSink(path, target, file, ending)
    }
  }

  /** @throws FaultlineError `file-unwritable`, after which `written` says what is there for sure. */
  async write(octets: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < octets.length; ) {
        const { bytesWritten } = await this.#file.write(octets, at)
        at += bytesWritten
      }
      this.written += octets.length
    } catch (error) {
      throw unwritable(this.#target, error)
    }
  }

  /** Takes away what a failed `write` has left behind the octets that are there for sure. */
  async cutToWritten(): Promise<void> {
    await this.#file.truncate(this.written)
  }

  /**
   * @throws FaultlineError `file-unwritable`; `already-exists` when somebody else has made a file of that name meanwhile
   */
  async close(): Promise<void> {
    try {
      await this.#file.close()
      if (this.#ending.kind === 'over') await rename(this.#path, this.#target)
      if (this.#ending.kind === 'first free') await this.#takeName(this.#ending.name, this.#ending.hint)
    } catch (error) {
      throw unwritable(this.#target, error)
    }
  }

  /** Ends without a result: what was there before is still there. */
  async abandon(): Promise<void> {
    await this.#file.close()
    if (this.#ending.kind !== 'given') await rm(this.#path, { force: true })
  }

  async #takeName(nameAt: Names, hint: string): Promise<void> {
    for (let place = 1; ; place++) {
      const name = nameAt(place)
      if (name === undefined) throw alreadyThere(this.#target, hint)
      // To rename would replace what is there: the name has to be ours before.
      const reserved = await open(name, 'wx').catch(taken)
      if (reserved === undefined) continue
      this.#target = name
      await reserved.close()
      return await rename(this.#path, name).catch(async (error) => {
        await rm(name, { force: true })
        throw error
      })
    }
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? Object.assign(error, { code: 'ENOTDIR' }) : error
  })
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function taken(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}

function isFolder(path: string): FaultlineError {
  return new FaultlineError({
    code: 'file-unwritable',
    message: `${path} is a folder`,
    hint: 'name a file, which may be one in it',
  })
}

function alreadyThere(path: string, hint: string): FaultlineError {
  return new FaultlineError({ code: 'already-exists', message: `${path} exists already`, hint })
}

const makeRoom = 'make room on it, or write to another'
const allow = 'let the user that runs Faultline write there, or choose another folder'
/** What the system says, in words, and what can be done about it. */
const words: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  ENOSPC: { why: 'the disk is full', hint: makeRoom },
  EDQUOT: { why: 'the quota of disk space is used up', hint: makeRoom },
  EACCES: { why: 'it is not permitted', hint: allow },
  EPERM: { why: 'it is not permitted', hint: allow },
  EROFS: { why: 'the disk is read-only', hint: 'write to another' },
  ENOENT: { why: 'its folder does not exist', hint: 'make the folder again, or choose another' },
  ENOTDIR: { why: 'what should be its folder is a file', hint: 'move that file away, or choose another folder' },
  EFBIG: { why: 'it has become too large for the disk', hint: 'write to another disk, or less with a filter' },
}

/** What went wrong where a file was to be written, in words. */
export function unwritable(path: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EEXIST') return alreadyThere(path, 'name another file')
  const { why, hint } = words[code] ?? { why: messageOf(error), hint: 'look whether its disk is in order' }
  return new FaultlineError(
    { code: 'file-unwritable', message: `${path} cannot be written: ${why}`, hint },
    { cause: error },
  )
}
