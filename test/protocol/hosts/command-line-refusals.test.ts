import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, CommandLine, faultline, root } from '../../helpers/command-line.ts'
import { freePort, occupiedPort, reach } from '../../helpers/ports.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const quiet = ['--mqtt', '0', '--http', '0', '--no-open']

describe('faultline, when it cannot start,', () => {
  beforeAll(buildFirst, 120_000)

  async function refused(words: readonly string[]): Promise<{ code: unknown; line: string }> {
    const command = faultline(words)
    const code = await command.exited
    expect(command.stdout).toBe('')
    expect(command.stderr).toMatch(/^faultline: [^\n]+; [^\n]+\n$/)
    return { code, line: command.stderr }
  }

  it('names the option for another MQTT port', async () => {
    const port = await occupiedPort()
    const { code, line } = await refused(['serve', '--mqtt', String(port), '--http', '0', '--no-open'])
    expect(code).toBe(5)
    expect(line).toBe(
      `faultline: port ${port} is in use by another program; choose another with --mqtt, or 0 for any\n`,
    )
  })

  it('names the option for another port of the page, and gives the MQTT port back', async () => {
    const [mqtt, http] = [await freePort(), await occupiedPort()]
    const { code, line } = await refused(['serve', '--mqtt', String(mqtt), '--http', String(http), '--no-open'])
    expect(code).toBe(5)
    expect(line).toContain(`port ${http} is in use by another program; choose another with --http, or 0 for any`)
    await expect(reach(mqtt)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('names the workspace that is not there', async () => {
    const missing = join(await temporaryFolder(), 'nothing-here')
    const { code, line } = await refused(['serve', missing, ...quiet])
    expect(code).toBe(5)
    expect(line).toContain(`workspace ${missing} does not exist`)
  })

  it('looks for a workspace where the user typed its name, also under npm', async () => {
    const here = await temporaryFolder()
    const words = ['--prefix', root, 'run', '-s', 'faultline', '--', 'serve', 'nothing-here', ...quiet]
    const command = new CommandLine('npm', words, { cwd: here })
    expect(await command.exited).toBe(5)
    expect(command.stderr).toContain(`workspace ${join(here, 'nothing-here')} does not exist`)
  })

  it('names the workspace that is a file', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const { code, line } = await refused(['serve', file, ...quiet])
    expect(code).toBe(2)
    expect(line).toContain('is not a folder')
  })

  it.each(['{', '{ "devices": { "pump": { "script": "nowhere" } } }', '{ "colour": "red" }'])(
    'names the mistake in faultline.json: %s',
    async (text) => {
      const workspace = await temporaryFolder()
      await writeFile(join(workspace, 'faultline.json'), text)
      const { code, line } = await refused(['serve', workspace, ...quiet])
      expect(code).toBe(2)
      expect(line).toContain('faultline.json')
    },
  )

  it.each([
    [['serve', '--colour']],
    [['bake']],
    [[]],
    [['serve', '--mqtt', '70000']],
    [['serve', '--mqtt', '18830', '--ws', '18830']],
    [['serve', 'a', 'b']],
  ])('refuses the words %j', async (words) => {
    expect((await refused(words)).code).toBe(2)
  })
})

it('prints its help and its version on standard output', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
  const asked = faultline(['--version'])
  expect(await asked.exited).toBe(0)
  expect(asked.stdout).toBe(`${version}\n`)
  const help = faultline(['serve', '--help'])
  expect(await help.exited).toBe(0)
  expect(help.stdout).toContain('ready mqtt://127.0.0.1:PORT http://127.0.0.1:PORT/?token=...')
  expect(help.stderr).toBe('')
})

it('loads no package of the workbench for its help, its version and a refusal', async () => {
  await buildFirst()
  const packages = new Set<string>()
  const seen = new Set<string>()
  const look = async (file: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    const text = await readFile(join(root, 'dist', file), 'utf8')
    for (const [, from = ''] of text.matchAll(/^(?:import|\} from) ?[^;(]*?"([^"]+)";$/gm)) {
      if (from.startsWith('./')) await look(from)
      else if (!from.startsWith('node:')) packages.add(from)
    }
  }
  await look('faultline.js')
  expect([...packages]).toEqual(['commander'])
})
