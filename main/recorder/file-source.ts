import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { OctetSource } from '../../app/capture/recording-format.ts'

const notPermitted = { why: 'it is not permitted', hint: 'let the user that runs Faultline read it' }
/** What the system says, in words, and what can be done about it. */
const words: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  ENOENT: { why: 'it does not exist', hint: 'look whether its name and its folder are spelled right' },
  ENOTDIR: {
    why: 'what should be its folder is a file',
    hint: 'look whether its name and its folder are spelled right',
  },
  EACCES: notPermitted,
  EPERM: notPermitted,
  EMFILE: { why: 'too many files are open', hint: 'close recordings that nobody looks at' },
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
      // Looked at first: to open a pipe would wait until somebody writes to it.
      if (!statSync(path).isFile())
        throw unreadable(path, 'it is no file', 'name a file; what comes from a pipe has to be saved first')
      this.#file = openSync(path, 'r')
      this.size = fstatSync(this.#file).size
    } catch (error) {
      this.close()
      throw failed(path, error)
    }
  }

  /** @throws FaultlineError `file-unreadable` */
  read(offset: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - offset))
    const octets = new Uint8Array(wanted)
    let at = 0
    try {
      if (this.#file === undefined) throw unreadable(this.path, 'it was closed', 'open it again')
      while (at < wanted) {
        const count = readSync(this.#file, octets, at, wanted - at, offset + at)
        if (count === 0) break
        at += count
      }
    } catch (error) {
      throw failed(this.path, error)
    }
    return octets.subarray(0, at)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

function failed(path: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const { why, hint } = words[code] ?? { why: messageOf(error), hint: 'look whether its disk is in order' }
  return unreadable(path, why, hint, error)
}

function unreadable(path: string, why: string, hint: string, cause?: unknown): FaultlineError {
  return new FaultlineError({ code: 'file-unreadable', message: `${path} cannot be read: ${why}`, hint }, { cause })
}
