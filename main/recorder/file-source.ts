import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { OctetSource } from '../../app/capture/recording-format.ts'

const words: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
}

/**
 * A file that is read here and there, as large as it was when it was opened. Synchronous, as the running capture is: what
 * is read at once is small, and nearly always in the system's memory.
 */
export class FileSource implements OctetSource {
  readonly path: string
  readonly size: number
  #file: number | undefined

  /** @throws FaultlineError `file-unreadable` */
  constructor(path: string) {
    this.path = path
    try {
      this.#file = openSync(path, 'r')
      const status = fstatSync(this.#file)
      if (!status.isFile()) throw new Error('it is no file')
      this.size = status.size
    } catch (error) {
      this.close()
      throw unreadable(path, error)
    }
  }

  /** @throws FaultlineError `file-unreadable` */
  read(offset: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - offset))
    const octets = new Uint8Array(wanted)
    let at = 0
    try {
      if (this.#file === undefined) throw new Error('it was closed')
      while (at < wanted) {
        const count = readSync(this.#file, octets, at, wanted - at, offset + at)
        if (count === 0) break
        at += count
      }
    } catch (error) {
      throw unreadable(this.path, error)
    }
    return octets.subarray(0, at)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

function unreadable(path: string, error: unknown): FaultlineError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new FaultlineError(
    { code: 'file-unreadable', message: `${path} cannot be read: ${words[code] ?? messageOf(error)}` },
    { cause: error },
  )
}
