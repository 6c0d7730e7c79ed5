import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readPassword } from '../../../../../main/hosts/cli/read-password.ts'

/** A terminal in which somebody types this. */
function terminal(keys: string[]) {
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) })
  const output = new PassThrough()
  for (const key of keys) input.write(key)
  return { input, output, raw, shown: () => String(output.read() ?? '') }
}

describe('readPassword', () => {
  it('takes the first line of a pipe', async () => {
    const output = new PassThrough()
    expect(await readPassword('? ', { input: Readable.from(['se', 'cret\r\nmore']), output })).toBe('secret')
    expect(output.read()).toBeNull()
    await expect(readPassword('? ', { input: Readable.from([]), output })).rejects.toThrow('there is no password')
  })

  it('shows nothing of what is typed, and lets it be corrected', async () => {
    const { input, output, raw, shown } = terminal(['sxe', '\u007f', '\u007fe', 'crét', '\r'])
    expect(await readPassword('Password: ', { input, output })).toBe('secrét')
    expect(shown()).toBe('Password: \n')
    expect(raw).toEqual([true, false])
  })

  it.each(['\u0003', '\u0004'])('is given up with %j', async (key) => {
    const { input, output, raw } = terminal(['a', key])
    await expect(readPassword('? ', { input, output })).rejects.toThrow('there is no password')
    expect(raw).toEqual([true, false])
  })
})
