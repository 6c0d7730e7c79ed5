import type { Writable } from 'node:stream'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { OctetSink } from './file-sink.ts'

/** A stream, such as standard output, that is written no faster than its reader reads. It is not ended. */
export class StreamSink implements OctetSink {
  readonly #stream: Writable
  readonly #name: string

  /** @param name what an error calls it */
  constructor(stream: Writable, name: string) {
    this.#stream = stream
    this.#name = name
  }

  /** @throws FaultlineError `file-unwritable`, such as when the reader has gone */
  write(octets: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      // Called when it has gone on, so that no more than this lies in memory.
      this.#stream.write(octets, (error) => {
        if (error) reject(this.#unwritable(error))
        else resolve()
      })
    })
  }

  #unwritable(error: NodeJS.ErrnoException): FaultlineError {
    const gone = error.code === 'EPIPE'
    const why = gone ? 'whoever read it has gone' : messageOf(error)
    return new FaultlineError(
      {
        code: 'file-unwritable',
        message: `${this.#name} cannot be written: ${why}`,
        hint: gone ? 'let it read to the end, or write to a file' : 'write to a file',
      },
      { cause: error },
    )
  }
}
