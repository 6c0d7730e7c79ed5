import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

describe('faultline check', () => {
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
    expect(stderr).toMatch(/^faultline: \d+ scripts of the demo plant \(.*\), no mistakes\n$/)
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
      hints: [],
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
    const said = `faultline: there is no script in ${empty}; name the folder that holds devices/\n`
    expect(await check(empty)).toEqual({ code: 2, stdout: '', stderr: said })
    const json = await check(empty, '--json')
    expect(json).toMatchObject({ code: 2, stderr: said })
    expect(JSON.parse(json.stdout)).toEqual({ scripts: 0, mistakes: [], hints: [] })
  })

  it('finds what is wrong in faultline.json and in the options of a fleet, and says which script nothing runs', async () => {
    const folder = await workspaceWith(
      "import { fleet } from 'faultline'\nexport default fleet({\n  topic: 'a/#',\n})\n",
    )
    await writeFile(join(folder, 'faultline.json'), '{\n  "sed": 1,\n  "devices": {}\n}\n')
    expect((await check(folder)).stdout.split('\n')).toEqual([
      expect.stringMatching(/^devices\/pump\.device\.ts:3:3: topic 'a\/#' has a wildcard/),
      expect.stringMatching(/^faultline\.json:2:3: the file has no "sed"; did you mean "seed"\?/),
      '',
    ])
    await writeFile(join(folder, 'faultline.json'), '{ "devices": {} }')
    expect((await check(folder)).stderr).toMatch(
      /^faultline: hint: devices\/pump\.device\.ts: no entry .*\n.*1 mistake\n$/,
    )
  })
})
