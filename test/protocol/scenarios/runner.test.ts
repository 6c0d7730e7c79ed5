import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Failure, RunReport } from '../../../app/scenario/report.ts'
import { leftovers } from '../../helpers/leftovers.ts'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'
import { ScriptedBroker } from '../../helpers/scripted-broker.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const stage = setRunnerStage()
const devices = { pump }
const file = 'scenarios/test.scenario.ts'

describe('a run', () => {
  it('passes, and tells what was done, expected and seen', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const [first] = devices.pump
  const watch = await observer.subscribe('plant/+/status', { qos: 1 })
  await step('outer', async () => {
    await step('power', () => first.powerLoss())
    await expect(watch).toReceive({ topic: 'plant/pump-01/status', payload: 'offline' })
  })
  await Promise.all([step('left', () => first.powerOn()), step('right', () => expect(1 + 1).toBe(2))])
  await expect(first).toBeOnline()
  log('well', 'done')`,
        "seed: 7, devices: { pump: { script: 'pump', count: 2 } }, thresholds: { 'wills.published': '== 1' }",
      ),
      { devices },
    )
    expect(report.verdict).toEqual({ is: 'passed' })
    expect(report).toMatchObject({ name: 'a test', file, seed: 7, repetition: 1, target: '', recording: undefined })
    expect(report.steps.map(({ name, outcome, parent }) => ({ name, outcome, parent }))).toEqual([
      { name: 'outer', outcome: 'passed', parent: undefined },
      { name: 'power', outcome: 'passed', parent: 1 },
      { name: 'left', outcome: 'passed', parent: undefined },
      { name: 'right', outcome: 'passed', parent: undefined },
    ])
    expect(report.steps[1]?.place).toEqual({ file, line: 7, column: 15 })
    expect(report.deeds.map(({ kind, step, what }) => ({ kind, step, what }))).toEqual([
      { kind: 'powerLoss', step: 2, what: 'power of pump-01 is cut' },
      { kind: 'powerOn', step: 3, what: 'pump-01 is powered on' },
    ])
    expect(report.expectations.map(({ outcome, step }) => ({ outcome, step }))).toEqual([
      { outcome: 'held', step: 1 },
      { outcome: 'held', step: 4 },
      { outcome: 'held', step: undefined },
    ])
    expect(report.thresholds).toEqual([{ metric: 'wills.published', text: '== 1', held: true, value: '1' }])
    expect(report.log.map(({ text }) => text)).toEqual(['well done'])
    // Three devices' connections, and the observer's.
    expect(report.counts).toMatchObject({ connections: 4, dropped: 0, notKept: 0 })
    expect(report.counts.packets).toBeGreaterThan(10)
    expect(report.preparation).toBeLessThan(report.duration)
    expect(report.unrepeatable).toHaveLength(1)
  })

  it('fails with what was expected, what came, where, and the packets around it', async () => {
    const { folder, runs } = await stage.run(
      {
        'devices/pump.device.ts': pump,
        [file]: scenarioFile(`  const watch = await observer.subscribe('plant/+/status', { qos: 1 })
  await step('power', async () => {
    await devices.pump[0].powerLoss()
    await expect(watch).toReceive({ payload: 'gone' }, { within: '300ms' })
  })
  log('never said')`),
      },
      { record: 'failure' },
    )
    const report = runs[0]?.report as RunReport
    const [failure] = failuresOf(report)
    expect(failure).toMatchObject({ place: { file, line: 7 }, step: 1, soft: false })
    expect(failure?.expected).toContain('gone')
    expect(failure?.received).toContain('offline')
    expect(failure?.ladder.join('\n')).toMatch(/ observer +◀──PUBLISH .*plant\/pump-01\/status "offline"/)
    expect(report.steps[0]?.outcome).toBe('failed')
    expect(report.log).toEqual([])
    expect(report.recording).toMatch(/^recordings\/.*-test\.faultline$/)
    expect(readFileSync(join(folder, String(report.recording))).length).toBeGreaterThan(500)
  })

  it('is not recorded through a link out of the workspace, and says so', async () => {
    const [folder, outside] = [await stage.workspace({ [file]: scenarioFile('', '') }), await temporaryFolder()]
    await symlink(outside, join(folder, 'recordings'))
    const { scenarios = [] } = await stage.plan(folder)
    const options = { bail: false, record: 'on', repeat: 1, workers: 1, onProgress: () => {} } as const
    const { runs } = await stage.runs.runner(scenarios, options).run()
    const why = 'no recording could be kept: recordings leads out of the workspace'
    expect(runs[0]?.report).toMatchObject({ verdict: { is: 'passed' }, recording: undefined, log: [{ text: why }] })
    expect(stage.lines).toContain(`a test: ${why}`)
    expect(readdirSync(outside)).toEqual([])
  })

  it('goes on behind a soft expectation, and fails all the same', async () => {
    const { folder, runs } = await stage.run({
      [file]: scenarioFile(
        `  await expect.soft(1).toBe(2)
  await expect.soft(broker).toHaveConnections(5, { within: 100 })
  log('it goes on')`,
        '',
      ),
    })
    const report = runs[0]?.report as RunReport
    expect(failuresOf(report).map(({ soft, what }) => ({ soft, what }))).toEqual([
      { soft: true, what: 'expect(value).toBe' },
      { soft: true, what: expect.stringContaining('toHaveConnections') },
    ])
    expect(report.log.map(({ text }) => text)).toEqual(['it goes on'])
    expect(existsSync(join(folder, 'recordings'))).toBe(false)
  })

  it('fails for a threshold that is not kept', async () => {
    const report = await stage.report(
      scenarioFile(
        "  await observer.publish('a', 'b', { qos: 1 })",
        "thresholds: { 'messages.published': ['== 1', '> 1'] }",
      ),
    )
    expect(report.thresholds.map(({ held }) => held)).toEqual([true, false])
    expect(failuresOf(report)).toMatchObject([{ what: 'threshold messages.published', expected: '> 1', received: '1' }])
  })

  it('says where a script threw, be it that of a device', async () => {
    const own = await stage.report(scenarioFile("  await observer.publish('a', 'b')\n  throw new Error('oh no')", ''))
    expect(own.verdict).toEqual({
      is: 'script threw',
      message: expect.stringContaining('oh no'),
      place: { file, line: 5, column: expect.any(Number) },
    })
    const broken = pump.replace('client:', "...(() => { throw new Error('bad flash') })(),\n  client:")
    const others = await stage.report(scenarioFile("  log('never')"), { devices: { pump: broken } })
    // As if it failed while the body runs.
    expect(failuresOf(others)).toMatchObject([
      {
        what: expect.stringMatching(/^the script of pump-0[12] has failed$/),
        expected: expect.stringContaining('.toFail()'),
        received: expect.stringContaining('bad flash'),
        place: { file: 'devices/pump.device.ts', line: 4 },
      },
    ])
    expect(others.log).toEqual([])
  })

  it('tells a call that makes no sense as things are', async () => {
    const report = await stage.report(scenarioFile('  await devices.pump[0].connect()'), { devices })
    expect(report.verdict).toMatchObject({ is: 'script threw', place: { file, line: 4 } })
  })

  it('ends when its time is out, and says what it waited for', async () => {
    const report = await stage.report(
      scenarioFile(
        "  const watch = await observer.subscribe('nothing')\n  await expect(watch).toReceive({}, { within: '1m' })",
        // Long enough for the subscription on a machine that is busy.
        "timeout: '1500ms'",
      ),
    )
    expect(report.verdict).toMatchObject({
      is: 'out of time',
      message: expect.stringMatching(/^the body did not end within 1.5 s; it waited for .*toReceive$/),
      place: { file, line: 5 },
    })
    expect(report.expectations).toMatchObject([{ outcome: 'waiting' }])
  })

  it('is not harmed by a target that cannot be reached', async () => {
    const report = await stage.report(scenarioFile('', "target: 'mqtt://127.0.0.1:1'"))
    expect(report.verdict).toMatchObject({ is: 'environment failed', message: expect.stringContaining('127.0.0.1:1') })
    expect(report.target).toBe('mqtt://127.0.0.1:1')
  })

  it('is stopped in the middle', async () => {
    let last: RunReport | undefined
    const report = await stage.report(scenarioFile("  await step('long', () => wait('1h'))", ''), {
      onProgress: (seen, runner) => {
        last = seen
        if (seen.steps.length > 0) runner.stop()
      },
    })
    expect(report.verdict).toEqual({ is: 'stopped' })
    expect(report.steps).toMatchObject([{ name: 'long', outcome: 'failed' }])
    expect(last).toEqual(report)
  })

  it('has failed where something had failed before it was stopped', async () => {
    const body = "  await expect.soft(1).toBe(2)\n  await step('long', () => wait('1h'))"
    const report = await stage.report(scenarioFile(body, ''), {
      onProgress: ({ steps }, runner) => {
        if (steps.length > 0) runner.stop()
      },
    })
    expect(failuresOf(report)).toMatchObject([{ what: 'expect(value).toBe', soft: true }])
    expect(report.log.map(({ text }) => text)).toEqual(['it was stopped before the end of its body'])
  })

  it('is stopped while its target does not answer, and leaves nothing behind', async () => {
    const before = await leftovers()
    const silent = await ScriptedBroker.open()
    silent.connack = undefined
    const start = performance.now()
    const { folder, runs } = await stage.run(
      {
        'devices/pump.device.ts': pump,
        [file]: scenarioFile('', `target: 'mqtt://127.0.0.1:${silent.port}', devices: { pump: { script: 'pump' } }`),
      },
      { record: 'on', onProgress: (_report, runner) => void silent.connection(1).then(() => runner.stop()) },
    )
    expect(runs.map(({ report }) => report.verdict)).toEqual([{ is: 'stopped' }])
    // Its patience would be half a minute.
    expect(performance.now() - start).toBeLessThan(25_000)
    await silent.close()
    await expect.poll(leftovers).toBe(before)
    expect(existsSync(join(folder, 'recordings'))).toBe(false)
  })

  it('draws the same with the same seed, and what else is said on the command line comes first', async () => {
    const source = scenarioFile('  log(random.integer(0, 1e9))', "seed: 'spring'")
    const drawn = async (seed?: number) => (await stage.report(source, { overrides: { seed } })).log[0]?.text
    const first = await drawn()
    expect(await drawn()).toBe(first)
    expect(await drawn(5)).not.toBe(first)
    expect((await stage.report(source, { overrides: { seed: 5 } })).seed).toBe(5)
  })
})

describe('several runs', () => {
  const good = scenarioFile('  await expect(broker).toHaveConnections(1)', '')
  const bad = scenarioFile('  for (;;) {}', '')

  it('do not harm one another, in their order', async () => {
    const files = { 'scenarios/a.scenario.ts': bad, 'scenarios/b.scenario.ts': good, 'scenarios/c.scenario.ts': good }
    const { left, runs } = await stage.run(files, { workers: 3, repeat: 2 })
    expect(left).toEqual([])
    const verdicts = runs.map(
      ({ report: { file, repetition, verdict } }) => `${file.slice(10, 11)}${repetition} ${verdict?.is}`,
    )
    expect(verdicts.toSorted()).toEqual([
      'a1 out of time',
      'a2 out of time',
      'b1 passed',
      'b2 passed',
      'c1 passed',
      'c2 passed',
    ])
    expect(new Set(runs.map(({ report }) => report.id)).size).toBe(6)
  })

  it('are not begun behind a failure, where that is wanted', async () => {
    const failing = scenarioFile('  await expect(1).toBe(2)', '')
    const files = {
      'scenarios/a.scenario.ts': good,
      'scenarios/b.scenario.ts': failing,
      'scenarios/c.scenario.ts': good,
    }
    const { left, runs } = await stage.run(files, { bail: true })
    expect(runs.map(({ report }) => report.verdict?.is)).toEqual(['passed', 'failed'])
    expect(left).toMatchObject([{ scenario: { file: 'scenarios/c.scenario.ts' }, repetition: 1, because: '--bail' }])
  })

  it('have threads for the first of them alone, until it is their turn', async () => {
    const few = Array.from({ length: 9 }, (_, i) => [`scenarios/a${i}.scenario.ts`, good] as const)
    const folder = await stage.workspace({ ...Object.fromEntries(few), 'scenarios/other.scenario.ts': good })
    const { scenarios = [] } = await stage.plan(folder, { grep: 'scenarios/a' })
    expect(scenarios.map(({ script }) => script !== undefined)).toEqual([...Array(8).fill(true), false])
    for (const { script } of scenarios) script?.dispose()
    const last = scenarios.slice(-1)
    const options = { bail: false, record: 'off', repeat: 1, workers: 1, onProgress: () => {} } as const
    const { runs } = await stage.runs.runner(last, options).run()
    expect(runs.map(({ report }) => report.verdict)).toEqual([{ is: 'passed' }])
  })

  it('are all planned first: all that is wrong is told at once, with its place', async () => {
    const folder = await stage.workspace({
      'devices/pump.device.ts': pump,
      'scenarios/a.scenario.ts': scenarioFile('', "devices: { pump: { script: 'pumb', count: 1.5 } }"),
      'scenarios/b.scenario.ts': scenarioFile('', "devices: { pump: { script: 'pumb' } }"),
      'scenarios/c.scenario.ts': 'export default 1 +',
      'scenarios/d.scenario.ts': good,
    })
    const { mistakes } = await stage.plan(folder)
    expect(mistakes?.map(({ file, path, place }) => ({ file, path, line: place?.line }))).toEqual([
      { file: 'scenarios/a.scenario.ts', path: 'devices.pump.script', line: 3 },
      { file: 'scenarios/a.scenario.ts', path: 'devices.pump.count', line: 3 },
      { file: 'scenarios/b.scenario.ts', path: 'devices.pump.script', line: 3 },
      { file: 'scenarios/c.scenario.ts', path: '', line: 1 },
    ])
    for (const at of [0, 2]) expect(mistakes?.[at]?.message).toContain("did you mean 'pump'?")
  })
})

function failuresOf({ verdict }: RunReport): readonly Failure[] {
  expect(verdict?.is).toBe('failed')
  return verdict?.is === 'failed' ? verdict.failures : []
}
