import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

async function run(...words: string[]) {
  const command = faultline(words)
  const code = await command.exited
  return { code, stdout: command.stdout, stderr: command.stderr }
}

describe('faultline init', { timeout: 180_000 }, () => {
  beforeAll(buildFirst, 180_000)

  it('makes a workspace that passes check and run, and says what comes next', async () => {
    const folder = join(await temporaryFolder(), 'plant')
    const made = await run('init', folder)
    expect(made.code).toBe(0)
    expect(made.stdout.split('\n')).toContain('scenarios/lost-connection.scenario.ts')
    expect(made.stderr).toContain(`faultline run ${folder} `)
    expect(await run('check', folder)).toEqual({ code: 0, stdout: '', stderr: 'faultline: 2 scripts, no mistakes\n' })
    const ran = await run('run', folder)
    expect(ran.stdout).toMatch(/^✓ a thermometer that loses its connection leaves its will, and comes back/)
    expect(ran.code).toBe(0)

    await writeFile(join(folder, 'faultline.json'), '{}')
    await writeFile(join(folder, '.gitignore'), '')
    const again = await run('init', folder)
    expect(again).toMatchObject({ code: 2, stdout: 'faultline.json\n.gitignore\n' })
    expect(again.stderr).toContain('2 files cannot be made where something else is already: nothing was written')
  })
})

describe('faultline doctor', { timeout: 180_000 }, () => {
  beforeAll(buildFirst, 180_000)

  it('prints a table with what to do, and the same for programs', async () => {
    const folder = await temporaryFolder()
    const [{ code, stdout }, json] = [await run('doctor', folder), await run('doctor', folder, '--json')]
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Node {12}ok {4}\d+\.\d+\.\d+$/m)
    expect(stdout).toMatch(/^loopback IPv4 {3}ok {4}127\.0\.0\.1, there and back in /m)
    expect(stdout).toMatch(/^desktop window {2}(ok {2}|warn) {2}/m)
    expect(JSON.parse(json.stdout)).toContainEqual({
      what: 'workspace',
      state: 'ok',
      found: `${folder} can be written to`,
      advice: '',
    })
  })

  it('ends with 5 where something fails', async () => {
    const { code, stdout } = await run('doctor', join(await temporaryFolder(), 'nowhere'))
    expect(code).toBe(5)
    expect(stdout).toMatch(/^workspace {7}fail {2}there is no /m)
  })
})
