import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, faultline, root } from '../../helpers/command-line.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

describe('faultline check', { timeout: 60_000 }, () => {
  beforeAll(buildFirst, 120_000)

  async function workspaceWith(text: string): Promise<string> {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'devices'))
    await writeFile(join(folder, 'devices', 'pump.device.ts'), text)
    return folder
  }

  async function check(...words: string[]) {
    const command = faultline(['check', ...words])
    const code = await command.exited
    return { code, stdout: command.stdout, stderr: command.stderr }
  }

  it('passes what is shipped, which it takes when nothing is named', async () => {
    const { code, stdout, stderr } = await check()
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^faultline: \d+ scripts, no mistakes\n$/)
    expect((await check(join(root, 'simulations'))).code).toBe(0)
  })

  it('prints each mistake with its place, and ends with 2', async () => {
    const folder = await workspaceWith("export const a: number = 'a'\nenum B { c }\n")
    const { code, stdout, stderr } = await check(folder)
    expect(code).toBe(2)
    expect(stdout.split('\n')).toEqual([
      "devices/pump.device.ts:1:14: Type 'string' is not assignable to type 'number'.",
      expect.stringMatching(/^devices\/pump\.device\.ts:2:6: only types are taken out of a script: /),
      '',
    ])
    expect(stderr).toBe('faultline: 1 script, 2 mistakes\n')
  })

  it('gives the same to programs', async () => {
    const folder = await workspaceWith("export const a: number = 'a'\n")
    const { code, stdout, stderr } = await check(folder, '--json')
    expect(code).toBe(2)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      scripts: 1,
      mistakes: [
        {
          file: 'devices/pump.device.ts',
          line: 1,
          column: 14,
          code: 'TS2322',
          message: "Type 'string' is not assignable to type 'number'.",
        },
      ],
    })
  })

  it('says that a workspace is not there, and that one has no scripts', async () => {
    const empty = await temporaryFolder()
    expect(await check(join(empty, 'nowhere'))).toMatchObject({ code: 5, stdout: '' })
    expect(await check(empty)).toEqual({ code: 0, stdout: '', stderr: `faultline: there is no script in ${empty}\n` })
  })
})
