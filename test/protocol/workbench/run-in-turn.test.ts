import { describe, expect, it } from 'vitest'
import type { LeftRun } from '../../../main/scenarios/runner.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { freePort } from '../../helpers/ports.ts'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const sentence = 'runs at a target go one at a time: their clients have the same names'
const said = () => stage.lines.splice(0).filter((line) => line === sentence)
const files = {
  'devices/pump.device.ts': pump,
  'scenarios/test.scenario.ts': scenarioFile(`  await observer.subscribe('turn/#')
  for (let i = 0; i < 5; i++) {
    await expect(observer).toBeOnline()
    for (const each of devices.pump) await expect(each).toBeOnline()
    await wait('50ms')
  }`),
}

const reasonOf = ({ because, scenario }: LeftRun) => `${scenario.file.slice(10, 11)} ${because}`

describe('runs at a target', () => {
  it('go one at a time, however many workers there are', async () => {
    const mosquitto = await startMosquitto()
    const overrides = { target: `mqtt://127.0.0.1:${mosquitto.port}` }
    const { left, runs } = await stage.run(files, { repeat: 3, workers: 3, overrides })
    expect(left).toEqual([])
    expect(runs.map(({ report }) => report.verdict)).toEqual([{ is: 'passed' }, { is: 'passed' }, { is: 'passed' }])
    const reports = runs.map(({ report }) => report)
    for (const [at, report] of reports.entries()) {
      const before = reports[at - 1]
      if (before !== undefined) expect(report.startedAt).toBeGreaterThanOrEqual(before.startedAt + before.duration)
    }
    expect(mosquitto.log()).not.toContain('already connected')
    expect(said()).toEqual([sentence])
  })

  it('follow those on brokers of their own, which run at the same time', async () => {
    const mosquitto = await startMosquitto()
    const target = `target: 'mqtt://127.0.0.1:${mosquitto.port}'`
    const body = "  await wait('300ms')"
    const mixed = {
      'scenarios/a.scenario.ts': scenarioFile(body, target),
      'scenarios/b.scenario.ts': scenarioFile(body, ''),
      'scenarios/c.scenario.ts': scenarioFile(body, ''),
      'scenarios/d.scenario.ts': scenarioFile(body, target),
    }
    const { runs } = await stage.run(mixed, { workers: 2 })
    expect(runs.map(({ report }) => report.verdict?.is)).toEqual(['passed', 'passed', 'passed', 'passed'])
    expect(runs.map(({ report }) => report.file.slice(10, 11)).join('')).toMatch(/^(bc|cb)ad$/)
    const [one, two] = runs
    expect(two?.report.startedAt).toBeLessThan((one?.report.startedAt ?? 0) + (one?.report.duration ?? 0))
    expect(said()).toEqual([sentence])
  })

  it('are not begun when one before them has failed that was to end it all, or it is stopped', async () => {
    const target = `target: 'mqtt://127.0.0.1:${await freePort()}'`
    const mixed = (body: string) => ({
      'scenarios/a.scenario.ts': scenarioFile('', target),
      'scenarios/b.scenario.ts': scenarioFile(body, ''),
      'scenarios/c.scenario.ts': scenarioFile('', target),
    })
    const failed = await stage.run(mixed('  expect(1).toBe(2)'), { workers: 2, bail: true })
    expect(failed.runs.map(({ report }) => report.verdict?.is)).toEqual(['failed'])
    expect(failed.left.map(reasonOf)).toEqual(['a --bail', 'c --bail'])
    const stopped = await stage.run(mixed("  await step('long', () => wait('1h'))"), {
      workers: 2,
      onProgress: (report, runner) => {
        if (report.steps.length > 0) runner.stop()
      },
    })
    expect(stopped.runs.map(({ report }) => report.verdict?.is)).toEqual(['stopped'])
    expect(stopped.left.map(reasonOf)).toEqual(['a stopped', 'c stopped'])
    expect(said()).toEqual([sentence, sentence])
  })

  it('are like all others where there is one worker, or one run', async () => {
    const mosquitto = await startMosquitto()
    const overrides = { target: `mqtt://127.0.0.1:${mosquitto.port}` }
    const { runs } = await stage.run(files, { workers: 4, overrides })
    expect(runs.map(({ report }) => report.verdict?.is)).toEqual(['passed'])
    expect(said()).toEqual([])
  })
})
