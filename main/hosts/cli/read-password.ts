import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { FaultlineError } from '../../../app/base/errors.ts'

/** Where a password comes from, and where it is asked for. */
export interface PasswordSource {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  readonly output: Writable
}

const interrupt = '\u0003'
const endOfText = '\u0004'
const erasing = new Set(['\b', '\u007f'])

/**
 * One line: typed by a person, who sees nothing of it, or from a pipe.
 *
 * @throws FaultlineError `invalid-argument` where there is none
 */
export async function readPassword(prompt: string, { input, output }: PasswordSource): Promise<string> {
  const line = input.isTTY ? await typed(prompt, { input, output }) : await firstLine(input)
  if (line !== undefined) return line
  throw new FaultlineError({
    code: 'invalid-argument',
    message: 'there is no password on standard input',
    hint: 'type it when you are asked, or pipe it: its first line counts',
  })
}

async function firstLine(input: Readable): Promise<string | undefined> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    lines.close()
  }
}

/** In raw mode the terminal shows nothing, and leaves the keys that end and erase to us. */
function typed(prompt: string, { input, output }: PasswordSource): Promise<string | undefined> {
  output.write(prompt)
  input.setRawMode?.(true)
  let text: string[] = []
  return new Promise((resolve) => {
    const done = (line: string | undefined) => {
      input.off('data', hear)
      input.setRawMode?.(false)
      input.pause()
      output.write('\n')
      resolve(line)
    }
    const hear = (octets: Buffer) => {
      for (const key of octets.toString('utf8')) {
        if (key === '\r' || key === '\n') return done(text.join(''))
        if (key === interrupt || key === endOfText) return done(undefined)
        if (erasing.has(key)) text = text.slice(0, -1)
        else text.push(key)
      }
    }
    input.on('data', hear).resume()
  })
}
