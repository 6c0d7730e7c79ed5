import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Failure, RunReport } from '../../../app/scenario/report.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const closed = "devices: { pump: { script: 'pump' } }, broker: { access: { anonymous: false } }"

describe('a device that the broker does not let in', () => {
  it('fails the run at once, with the packets and a recording', async () => {
    const { folder, runs } = await stage.run(
      { 'devices/pump.device.ts': pump, 'scenarios/test.scenario.ts': scenarioFile("  log('never')", closed) },
      { record: 'failure' },
    )
    const report = runs[0]?.report as RunReport
    expect(failuresOf(report)).toMatchObject([
      {
        what: 'pump did not come online',
        expected: 'the broker to let it in, before the body begins',
        received: 'refused: not authorized',
        ladder: expect.arrayContaining([expect.stringMatching(/CONNECT\W/), expect.stringMatching(/CONNACK.* 0x05$/)]),
      },
    ])
    expect(report.log).toEqual([])
    expect(report.counts.connections).toBeGreaterThan(0)
    // No half minute is waited for what will not come.
    expect(report.duration).toBeLessThan(28_000)
    expect(existsSync(join(folder, report.recording ?? 'none'))).toBe(true)
  })

  it('is the environment at a target, whose packets the log has', async () => {
    const { port } = await startMosquitto(['allow_anonymous false'])
    const target = `mqtt://127.0.0.1:${port}`
    const report = await stage.report(
      scenarioFile("  log('never')", `devices: { pump: { script: 'pump' } }, target: '${target}'`),
      { devices: { pump } },
    )
    expect(report.verdict).toMatchObject({
      is: 'environment failed',
      message: expect.stringMatching(new RegExp(`^the target ${target} is of no use: .*not authorized`)),
    })
    expect(report.log.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['packets until then:', expect.stringMatching(/CONNACK.* 0x87$/)]),
    )
  })
})

describe('a load fleet that the broker does not let in', () => {
  it('fails the run at once, with the packets', async () => {
    const load = "import { fleet } from 'faultline'\nexport default fleet({ topic: 'load/{n}', every: '1h' })\n"
    const options = "devices: { meters: { script: 'load', count: 3 } }, broker: { access: { anonymous: false } }"
    const report = await stage.report(scenarioFile("  log('never')", options), { devices: { load } })
    expect(failuresOf(report)).toMatchObject([
      {
        what: 'fleets.meters: not all of its clients came online',
        received: 'refused: not authorized; 0 of 3 are online',
        ladder: expect.arrayContaining([expect.stringMatching(/CONNACK.* 0x05$/)]),
      },
    ])
    expect(report.log).toEqual([])
    expect(report.duration).toBeLessThan(28_000)
    expect(stage.lines.filter((line) => /^a test: meters-\d+ at \S+ did not get in: /.test(line))).toHaveLength(1)
  })
})

describe('a script of a device', () => {
  it('fails the run alike before the body and in it', async () => {
    const early = pump.replace("'online', { qos: 1, retain: true })", "'online')\n    throw new Error('it jams')")
    const late = pump.replace('message() {}', "message() {\n    throw new Error('it jams')\n  }")
    const options = "devices: { pump: { script: 'pump' } }"
    const before = await stage.report(scenarioFile("  log('never')", options), { devices: { pump: early } })
    const body =
      "  await observer.publish('plant/pump/set', '', { qos: 1 })\n  await expect.poll(() => devices.pump[0].state()).toBe('script error')"
    const during = await stage.report(scenarioFile(body, options), { devices: { pump: late } })
    const [[first], [second]] = [failuresOf(before), failuresOf(during)]
    const alike = { what: 'the script of pump has failed', received: 'it jams', expected: first?.expected, soft: false }
    expect(first).toMatchObject({ ...alike, place: { file: 'devices/pump.device.ts' } })
    expect(second).toMatchObject({ ...alike, place: { file: 'devices/pump.device.ts' } })
    expect(before.log).toEqual([])
  })
})

function failuresOf({ verdict }: RunReport): readonly Failure[] {
  expect(verdict?.is).toBe('failed')
  return verdict?.is === 'failed' ? verdict.failures : []
}
