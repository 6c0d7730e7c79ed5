import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import type { Failure, RunReport } from '../../../app/scenario/report.ts'
import { problemsOf } from '../../../main/scenarios/reporters/reported.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const file = 'scenarios/test.scenario.ts'
/** Throws in line 9 when it is told to. */
const valve = pump.replace(
  'message() {}',
  "message({ text }) {\n    if (text === 'jam') throw new Error('it jams')\n  }",
)
const valves = "devices: { valve: { script: 'valve', count: 2 } }"
const pumpAlone = "devices: { pump: { script: 'pump' } }"
const devices = { pump, valve }
const jam = (id: string, qos = 1) => `await observer.publish('plant/${id}/set', 'jam', { qos: ${qos} })`
const isStanding = (at: number) => `await expect.poll(() => devices.valve[${at}].state()).toBe('script error')`

describe('a device whose script fails while the body runs', () => {
  it('fails the run, with what it threw and where', async () => {
    const body = `  await step('order', async () => {
    ${jam('valve-01')}
    ${isStanding(0)}
  })`
    const report = await stage.report(scenarioFile(body, valves), { devices })
    expect(failuresOf(report)).toEqual([
      {
        what: 'the script of valve-01 has failed',
        expected: expect.stringContaining('expect(valve-01).toFail()'),
        received: expect.stringContaining('it jams'),
        place: { file: 'devices/valve.device.ts', line: 10, column: expect.any(Number) },
        at: expect.any(Number),
        ladder: [],
        step: 1,
        soft: false,
        packets: undefined,
      },
    ])
  })

  it('is told once for all that failed alike', async () => {
    const body = [jam('valve-01'), jam('valve-02'), isStanding(0), isStanding(1)].join('\n')
    const report = await stage.report(scenarioFile(body, valves), { devices })
    expect(failuresOf(report).map(({ what }) => what)).toEqual(['the scripts of valve-01, valve-02 have failed'])
  })

  it('is seen where it fails by what came in the last turn', async () => {
    for (const qos of [0, 1]) {
      const last = `await observer.publish('plant/valve-01/set', 'jam', { qos: ${qos} })`
      const report = await stage.report(scenarioFile(last, valves), { devices })
      expect(failuresOf(report).map(({ received }) => received)).toEqual(['it jams'])
    }
  })

  it('is told once with how often it was, whatever each of them has said', async () => {
    const speaking = valve.replace("Error('it jams')", "Error(id + ' jams')")
    const again = ['await devices.valve[0].powerOn()', 'await expect(devices.valve[0]).toBeOnline()', jam('valve-01')]
    // With QoS 1 it would be sent to the Session again, and have failed once more before it is seen to be online.
    const body = [jam('valve-01', 0), isStanding(0), ...again, jam('valve-02')].join('\n')
    const report = await stage.report(scenarioFile(body, valves), { devices: { valve: speaking } })
    expect(failuresOf(report)).toMatchObject([
      {
        what: 'the scripts of valve-01, valve-02 have failed',
        received: 'valve-01 jams, 3 times, with 2 different texts',
        place: { file: 'devices/valve.device.ts', line: 10 },
      },
    ])
  })

  it('is what was wanted where a toFail of it holds, also when it happens again', async () => {
    const found = "await expect(devices.valve[0]).toFail({ message: 'it jams' })"
    const again = ['await devices.valve[0].powerOn()', 'await expect(devices.valve[0]).toBeOnline()', jam('valve-01')]
    const body = [jam('valve-01', 0), found, ...again, isStanding(0)].join('\n')
    const report = await stage.report(scenarioFile(body, valves), { devices })
    expect(report.verdict).toEqual({ is: 'passed' })
  })

  it('is what was wanted where the scenario crashes it, and the next failure is not', async () => {
    const crash = ['await expect(devices.valve[0]).toBeOnline()', 'await devices.valve[0].crash()', isStanding(0)]
    const wanted = await stage.report(scenarioFile(crash.join('\n'), valves), { devices })
    expect(wanted.verdict).toEqual({ is: 'passed' })
    const again = ['await devices.valve[0].powerOn()', 'await expect(devices.valve[0]).toBeOnline()', jam('valve-01')]
    const more = await stage.report(scenarioFile([...crash, ...again, isStanding(0)].join('\n'), valves), { devices })
    expect(failuresOf(more).map(({ received }) => received)).toEqual([expect.stringContaining('it jams')])
  })
})

describe('a load fleet whose process is gone', () => {
  it('fails the run, once and with how many clients it was', async () => {
    const load = `import { fleet } from 'faultline'
export default fleet({ topic: 'load/{n}', every: '1h', client: { will: { topic: 'gone/{n}', payload: '' } } })
`
    const body = `  const watch = await observer.subscribe('gone/+')
  await step('loss', async () => {
    for (const n of [1, 2, 3]) await expect(watch).toReceive({ topic: 'gone/' + n })
  })`
    let killed = false
    const report = await stage.report(scenarioFile(body, "devices: { meters: { script: 'load', count: 3 } }"), {
      devices: { load },
      onProgress: ({ steps }) => {
        if (steps.length === 0 || killed) return
        killed = true
        const [pid] = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'load-worker'])
          .toString()
          .split('\n')
        process.kill(Number(pid), 'SIGKILL')
      },
    })
    expect(failuresOf(report)).toMatchObject([
      {
        what: 'the load fleet fleets.meters has failed',
        received: 'its process is gone: it ended with SIGKILL, 3 times (devices/load.device.ts)',
      },
    ])
  })
})

describe('what is said of a run that did not pass', () => {
  it('says once what is wrong with a step of a handshake', async () => {
    const body = "  await expect(observer.exchanges).toShow('PUBLISH', 'PUBACL')"
    const report = await stage.report(scenarioFile(body, ''))
    expect(report.verdict).toMatchObject({
      is: 'script threw',
      message: expect.stringContaining('is no step'),
      place: { file, line: 4 },
    })
    expect(report.expectations).toEqual([])
    const [problem] = problemsOf({ report, folder: '' })
    expect(problem?.lines.filter((line) => line.includes('PUBACL'))).toHaveLength(1)
  })

  it('has failed where a target cannot tell what was expected, beside what was soft', async () => {
    const { port } = await startMosquitto()
    const body = `  await expect.soft(observer.will).toBePublished({ because: 'keep alive' })
  await expect(observer.session).toHaveQueued(0)
  log('never said')`
    const report = await stage.report(scenarioFile(body, `target: 'mqtt://127.0.0.1:${port}'`))
    const expected = 'something that can be told at a target'
    expect(failuresOf(report)).toMatchObject([
      {
        what: 'expect.soft(observer.will).toBePublished',
        expected,
        received: expect.stringMatching(/^it cannot be told at a target: why a will .*; leave out because$/),
        place: { file, line: 4 },
        soft: true,
      },
      {
        what: 'expect(observer.session).toHaveQueued',
        expected,
        received: expect.stringMatching(/^it cannot be told at a target: what Sessions /),
        place: { file, line: 5 },
        soft: false,
      },
    ])
    expect(report.expectations.map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
    expect(report.log).toEqual([])
  })

  it('counts the clients of a target that are those of the run, however it is asked', async () => {
    const { port } = await startMosquitto()
    const body = `  await expect(broker).toHaveConnections(2)
  log(await broker.connections())
  await devices.pump[0].disconnect()
  await expect.poll(() => broker.connections()).toBe(1)`
    const options = `${pumpAlone}, target: 'mqtt://127.0.0.1:${port}'`
    const report = await stage.report(scenarioFile(body, options), { devices })
    expect(report).toMatchObject({ verdict: { is: 'passed' }, log: [{ text: '2' }] })
  })

  it('says in which step it stood when its time was out, and what was called last', async () => {
    const body = `  await step('outer', () => step('stuck', async () => {
    await observer.publish('a', 'b')
    await new Promise(() => {})
  }))`
    const report = await stage.report(scenarioFile(body, "timeout: '300ms'"))
    expect(report.verdict).toEqual({
      is: 'out of time',
      message:
        'the body did not end within 300 ms; after line 5: its last call was publish to a by observer, which was answered, in step “stuck”',
      place: { file, line: 5, column: expect.any(Number) },
    })
  })

  it('says after which line a body is that does not come back', async () => {
    const body = "  const watch = await observer.subscribe('a')\n  await watch.count()\n\n  for (;;) {}"
    const report = await stage.report(scenarioFile(body, ''))
    expect(report.verdict).toMatchObject({
      is: 'out of time',
      message: expect.stringMatching(/; after line 5: its last call was watch\.count\(\), which was answered$/),
      place: { file, line: 5 },
    })
  })

  it('says in which step a body is that does not come back', async () => {
    const report = await stage.report(scenarioFile("  await step('spinning', () => { for (;;) {} })", ''))
    expect(report.verdict).toMatchObject({
      is: 'out of time',
      message: expect.stringMatching(/in step “spinning”$/),
      place: { file, line: 4 },
    })
  })

  it('refuses to cut the link of nobody', async () => {
    const report = await stage.report(
      scenarioFile("  await link('observer').cut()\n  await link('no*').cut()\n  await link('punp').cut()", pumpAlone),
      { devices },
    )
    expect(report.verdict).toEqual({
      is: 'script threw',
      message: expect.stringContaining(
        "there is no device and no client 'punp' in this run whose link could be cut; did you mean 'pump'?",
      ),
      place: { file, line: 6, column: expect.any(Number) },
    })
  })
})

function failuresOf({ verdict }: RunReport): readonly Failure[] {
  expect(verdict?.is).toBe('failed')
  return verdict?.is === 'failed' ? verdict.failures : []
}
