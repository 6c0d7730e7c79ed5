import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildFirst, CommandLine, root } from '../../helpers/command-line.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

describe('faultline run', { timeout: 120_000 }, () => {
  beforeAll(buildFirst, 120_000)

  const scenario = (name: string, body: string, options = '{}') => `import { scenario } from 'faultline'

export default scenario('${name}', ${options}, async ({ broker, expect, observer, wait }) => {
  ${body}
})
`
  const passing = scenario('one that passes', "await observer.publish('a', 'b', { qos: 1 })")
  const failing = scenario(
    'one that fails',
    "await observer.publish('a', 'b', { qos: 1 })\n  await expect(broker).toHaveConnections(7, { within: 100 })",
  )
  const throwing = scenario('one that throws', "throw new Error('oh no')")

  async function workspaceWith(scenarios: Readonly<Record<string, string>>): Promise<string> {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'scenarios'))
    for (const [name, text] of Object.entries(scenarios)) {
      await writeFile(join(folder, 'scenarios', `${name}.scenario.ts`), text)
    }
    return folder
  }

  /** As typed in that folder. */
  function start(cwd: string, ...words: readonly string[]): CommandLine {
    const launcher = join(root, 'main/hosts/cli/faultline.mjs')
    const command = new CommandLine(process.execPath, [launcher, 'run', ...words], { cwd })
    onTestFinished(() => command.end())
    return command
  }

  it('runs what is in the folder, ends with the worst of it, and keeps a recording of what failed', async () => {
    const folder = await workspaceWith({ a: passing, b: failing, c: throwing })
    const command = start(
      folder,
      '--workers',
      '3',
      '--reporter',
      'list',
      '--reporter',
      'junit',
      '--output',
      'report.xml',
    )
    expect(await command.exited).toBe(3)
    const { stderr, stdout } = command
    expect(stdout).toMatch(/^✓ one that passes {2}[\d.]+ m?s {2}scenarios\/a\.scenario\.ts$/m)
    expect(stdout).toMatch(/^✗ one that fails /m)
    expect(stdout).toMatch(/^ {2}expect\(broker\)\.toHaveConnections {2}scenarios\/b\.scenario\.ts:5:\d+$/m)
    expect(stdout).toMatch(/^ {5}expected: .*7.*\n {5}received: .*1/m)
    expect(stdout).toMatch(/──PUBLISH .* broker {2}a "b"/)
    expect(stdout).toMatch(/^ {2}again: faultline run scenarios\/b\.scenario\.ts --seed 1$/m)
    expect(stdout).toMatch(/^ {2}script threw {2}scenarios\/c\.scenario\.ts:4:\d+\n {5}oh no$/m)
    expect(stdout).toMatch(/\n1 passed, 1 failed, 1 script threw \([\d.]+ s\)\n$/)
    // Lines for a pipe are not written over one another.
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stderr).toContain('the junit report is ')
    expect(await readFile(join(folder, 'report.xml'), 'utf8')).toContain('<testcase name="one that passes"')
    const recordings = await readdir(join(folder, 'recordings'))
    expect(recordings.map((name) => name.replace(/^\d+-\d+-\d+-/, '')).toSorted()).toEqual([
      'b.faultline',
      'c.faultline',
    ])
    expect(stdout).toContain(`  recording: recordings/${recordings.find((name) => name.endsWith('-b.faultline'))}\n`)
  })

  it('lists every mistake of every file, and starts nothing', async () => {
    const folder = await workspaceWith({
      a: passing,
      b: scenario('b', '', "{ timeout: 5, devices: { pump: { script: 'pump' } } }"),
      c: scenario('c', '', "{ sead: 3, thresholds: { 'delivery.lost': 'none' } }"),
    })
    const command = start(folder)
    expect(await command.exited).toBe(2)
    expect(command.stdout.split('\n').map((line) => line.replace(/:\d+:\d+:/, ':'))).toEqual([
      'scenarios/b.scenario.ts: timeout must be from 100ms to 24h',
      expect.stringMatching(/^scenarios\/b\.scenario\.ts: devices\.pump\.script names 'pump', which is not there/),
      expect.stringMatching(/^scenarios\/c\.scenario\.ts: sead .*did you mean 'seed'\?$/),
      expect.stringMatching(/^scenarios\/c\.scenario\.ts: thresholds\['delivery\.lost'\] cannot read 'none'/),
      '',
    ])
    expect(command.stderr).toBe('faultline: 4 mistakes: nothing was started\n')
  })

  it('says how often what failed, and gives programs what they read', async () => {
    const folder = await workspaceWith({ a: failing, b: passing })
    const command = start(
      folder,
      '--grep',
      'FAILS',
      '--repeat',
      '2',
      '--reporter',
      'list',
      '--reporter',
      'json',
      '--record',
      'off',
    )
    expect(await command.exited).toBe(1)
    expect(command.stderr).toMatch(
      /one that fails: 2 of 2 failed: 2x expect\(broker\)\.toHaveConnections at scenarios\/a\.scenario\.ts:5:\d+\n/,
    )
    const { runs, version } = JSON.parse(command.stdout) as { version: number; runs: { verdict: { is: string } }[] }
    expect({ version, verdicts: runs.map(({ verdict }) => verdict.is) }).toEqual({
      version: 1,
      verdicts: ['failed', 'failed'],
    })
    expect(await readdir(folder)).not.toContain('recordings')
  })

  it('is stopped by Ctrl-C, in order, and reports what was done', async () => {
    const folder = await workspaceWith({ a: passing, b: scenario('endless', "await wait('1h')") })
    const command = start(folder, '--record', 'on', '--workers', '2')
    await until('the first has passed', () => command.stdout.includes('one that passes'))
    command.child.kill('SIGINT')
    expect(await command.exited).toBe(0)
    expect(command.stdout).toMatch(/^✓ .*\n- endless .*\n(?: {2}.*\n)+1 passed, 1 stopped \([\d.]+ s\)\n$/)
    expect(await readdir(join(folder, 'recordings'))).toHaveLength(2)
  })
})
