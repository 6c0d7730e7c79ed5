import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildFirst, CommandLine, root } from '../../helpers/command-line.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

describe('faultline run', () => {
  beforeAll(buildFirst, 120_000)

  const scenario = (name: string, body: string, options = '{}') => `import { scenario } from 'faultline'

export default scenario('${name}', ${options}, async ({ broker, expect, observer, wait }) => {
  ${body}
})
`
  const passing = scenario(
    'one that passes',
    "await observer.publish('a', 'b', { qos: 1 })\n  await expect(broker).toHaveConnections(1)",
  )
  const failing = scenario(
    'one that fails',
    "await observer.publish('a', 'b', { qos: 1 })\n  await expect(broker).toHaveConnections(7, { within: 100 })",
  )
  const throwing = scenario('one that throws', "throw new Error('oh no')")

  const launcher = join(root, 'main/hosts/cli/faultline.mjs')

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
    expect(stdout).toMatch(/\n1 passed, 1 failed, 1 script threw \([\d.]+ m?s\)\n$/)
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
      d: scenario('d', 'expect(broker).toHaveConnections(1)\n  await expect(broker).toHaveConections(1)'),
    })
    const command = start(folder, '--reporter', 'list', '--reporter', 'junit', '--output', 'r.xml')
    expect(await command.exited).toBe(2)
    expect(command.stdout.split('\n').map((line) => line.replace(/:\d+:\d+:/, ':'))).toEqual([
      '- one that passes  not begun: mistakes in other files  scenarios/a.scenario.ts',
      'scenarios/b.scenario.ts: timeout must be from 100ms to 24h',
      expect.stringMatching(/^scenarios\/b\.scenario\.ts: devices\.pump\.script names 'pump', which is not there/),
      expect.stringMatching(/^scenarios\/c\.scenario\.ts: sead .*did you mean 'seed'\?$/),
      expect.stringMatching(/^scenarios\/c\.scenario\.ts: thresholds\['delivery\.lost'\] cannot read 'none'/),
      // Of the bodies too, which are not run for it.
      "scenarios/d.scenario.ts: nobody waits for 'toHaveConnections': write 'await' before it, or 'void' where it is to go on by itself",
      "scenarios/d.scenario.ts: Property 'toHaveConections' does not exist on type 'BrokerExpectations'. Did you mean 'toHaveConnections'?",
      '',
    ])
    expect(command.stdout).toContain('scenarios/d.scenario.ts:4:3: ')
    expect(command.stdout).toContain('scenarios/d.scenario.ts:5:24: ')
    expect(command.stderr).toBe('faultline: the junit report is r.xml\nfaultline: 6 mistakes: nothing was started\n')
    expect(await readdir(folder)).toEqual(['r.xml', 'scenarios'])
    const report = await readFile(join(folder, 'r.xml'), 'utf8')
    expect(report.match(/<testcase name="scenarios\/[bcd]\.scenario\.ts"/g)).toHaveLength(3)
    expect(report.match(/<error message="invalid [^"]* \(and 1 more\): /g)).toHaveLength(3)
    expect(report.match(/<skipped message="not begun: mistakes in other files"/g)).toHaveLength(1)
  })

  it('gives programs what they read where nothing was started, too', async () => {
    const folder = await workspaceWith({ c: scenario('c', '', '{ sead: 3 }') })
    const command = start(folder, '--reporter', 'json', '--seed', '7')
    expect(await command.exited).toBe(2)
    expect(JSON.parse(command.stdout)).toMatchObject({
      runs: [{ file: 'scenarios/c.scenario.ts', seed: 7, verdict: { is: 'invalid', mistakes: [{ path: 'sead' }] } }],
    })
    expect(command.stderr).toMatch(
      /^faultline: scenarios\/c\.scenario\.ts:3:\d+: sead .*\n.*1 mistake: nothing was started\n$/,
    )
  })

  it('says before anything runs that a report cannot be written', async () => {
    const folder = await workspaceWith({ a: throwing })
    const command = start(folder, '--reporter', 'json', '--output', 'none/such.json', '--record', 'on')
    expect(await command.exited).not.toBe(3)
    expect(command.stderr).toMatch(/^faultline: none\/such\.json cannot be written: ENOENT.*; give another --output\n$/)
    expect(await readdir(folder)).toEqual(['scenarios'])
  })

  it('has not passed where what it was asked for could not be written', async () => {
    const folder = await workspaceWith({ a: passing })
    await writeFile(join(folder, 'recordings'), 'in the way')
    const command = start(folder, '--record', 'on')
    expect(await command.exited).toBe(5)
    expect(command.stdout).toContain('\n1 passed (')
    expect(command.stderr).toMatch(/^faultline: one that passes: no recording could be kept: EEXIST/)
    if (!existsSync('/dev/full')) return
    const line = `'${process.execPath}' '${launcher}' run --reporter json > /dev/full`
    const full = new CommandLine('sh', ['-c', line], { cwd: folder })
    expect(await full.exited).toBe(5)
    expect(full.stderr).toMatch(/^faultline: standard output cannot be written: ENOSPC/)
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

  it('is stopped by Ctrl-C, in order, and every report says what was left undone', async () => {
    const folder = await workspaceWith({ a: passing, b: scenario('endless', "await wait('1h')"), c: failing })
    const reporters = ['list', 'junit', 'json', 'html'].flatMap((name) => ['--reporter', name])
    const command = start(folder, '--record', 'on', ...reporters, '--output', 'report.xml')
    await until('the first has passed', () => command.stdout.includes('one that passes'))
    // The second is being made ready, or waits.
    command.child.kill('SIGINT')
    expect(await command.exited).toBe(130)
    expect(command.stdout).toMatch(
      /^✓ .*\n- endless .*\n(?: {2}.*\n)+- one that fails {2}not begun: stopped {2}scenarios\/c\.scenario\.ts\n1 passed, 1 stopped, 1 not begun \([\d.]+ m?s\)\n$/,
    )
    const report = (ending: string) => readFile(join(folder, `report.${ending}`), 'utf8')
    expect((await report('xml')).match(/<testsuite .* tests="1" failures="0" errors="0" /g)).toHaveLength(3)
    expect((await report('xml')).match(/<skipped message="[a-z ]+/g)).toEqual([
      '<skipped message="stopped after ',
      '<skipped message="not begun',
    ])
    const { notBegun, runs, runsNotBegun } = JSON.parse(await report('json')) as {
      notBegun: number
      runs: { verdict: { is: string } }[]
      runsNotBegun: object[]
    }
    expect(runs.map(({ verdict }) => verdict.is)).toEqual(['passed', 'stopped'])
    expect(runsNotBegun).toMatchObject([{ file: 'scenarios/c.scenario.ts', because: 'stopped' }])
    expect(notBegun).toBe(1)
    expect(await report('html')).toContain('1 passed, 1 stopped, 1 not begun')
  })
})
