import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

/** Where octets go; the next `write` waits for the one before. */
export interface OctetSink {
  /** Settles when there is room for more. */
  write(octets: Uint8Array): Promise<void>
}

/** A file that is written from its start. */
export class FileSink implements OctetSink {
  /** Octets that are in the file. */
  written = 0
  readonly #path: string
  readonly #target: string
  readonly #file: FileHandle

  private constructor(path: string, target: string, file: FileHandle) {
    this.#path = path
    this.#target = target
    this.#file = file
  }

  /**
   * A new file that can be read while it grows.
   *
   * @throws FaultlineError `already-exists`, `file-unwritable`
   */
  static async create(path: string): Promise<FileSink> {
    try {
      await mkdir(dirname(path), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? Object.assign(error, { code: 'ENOTDIR' }) : error
      })
      return new FileSink(path, path, await open(path, 'wx'))
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /**
   * A file that is there when it is complete: until `close` what stood under its name stays.
   *
   * @param options.force whether an existing file may be replaced
   * @throws FaultlineError `already-exists`, `file-unwritable`
   */
  static async replace(path: string, { force }: { readonly force: boolean }): Promise<FileSink> {
    try {
      const existing = await stat(path).catch(absent)
      // A pipe or a device is written to, and never replaced.
      if (existing !== undefined && !existing.isFile() && !existing.isDirectory()) {
        return new FileSink(path, path, await open(path, 'w'))
      }
      if (existing?.isDirectory()) throw new FaultlineError({ code: 'file-unwritable', message: `${path} is a folder` })
      if (existing !== undefined && !force) throw alreadyThere(path)
      await mkdir(dirname(path), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? Object.assign(error, { code: 'ENOTDIR' }) : error
      })
      const part = `${path}.part-${process.pid}`
      return new FileSink(part, path, await open(part, 'w'))
    } catch (error) {
      throw unwritable(path, error)
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

  /** @throws FaultlineError `file-unwritable` */
  async close(): Promise<void> {
    try {
      await this.#file.close()
      if (this.#path !== this.#target) await rename(this.#path, this.#target)
    } catch (error) {
      throw unwritable(this.#target, error)
    }
  }

  /** Ends without a result: what was there before is still there. */
  async abandon(): Promise<void> {
    await this.#file.close()
    if (this.#path !== this.#target) await rm(this.#path, { force: true })
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function alreadyThere(path: string): FaultlineError {
  return new FaultlineError({
    code: 'already-exists',
    message: `${path} exists already`,
    hint: 'name another file with --output, or replace it with --force',
  })
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of disk space is used up',
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'what should be its folder is a file',
  EFBIG: 'it has become too large for the disk',
}

function unwritable(path: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EEXIST') return alreadyThere(path)
  return new FaultlineError(
    { code: 'file-unwritable', message: `${path} cannot be written: ${words[code] ?? messageOf(error)}` },
    { cause: error },
  )
}
