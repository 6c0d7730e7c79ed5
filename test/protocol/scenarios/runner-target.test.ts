import { describe, expect, it } from 'vitest'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const devices = { pump }
const onePump = "devices: { pump: { script: 'pump' } }"

describe('what a scenario says of its own broker', () => {
  it('is named where it runs at another one', async () => {
    const { port } = await startMosquitto()
    const options = "broker: { maxQueued: 2, store: 'level', access: { anonymous: false } }"
    const target = `mqtt://127.0.0.1:${port}`
    const report = await stage.report(scenarioFile("  await observer.publish('a', 'b')", options), {
      overrides: { target },
    })
    expect(report.verdict).toEqual({ is: 'passed' })
    const told = `The broker at ${target} knows nothing of what the scenario says of its own: broker.maxQueued, broker.store, broker.access did not count.`
    expect(report.log.map(({ text }) => text)).toEqual([told])
    expect(report.unrepeatable).toContain(told)
    expect(stage.lines).toContain(`a test: ${told}`)
  })
})

describe('wills.published at a target', () => {
  it('counts what a client was given, and holds where nothing else can change it', async () => {
    const { port } = await startMosquitto()
    const body = `  const watch = await observer.subscribe('plant/+/status')
  await devices.pump[0].powerLoss()
  await expect(watch).toReceive({ payload: 'offline', retain: false })`
    const thresholds = "thresholds: { 'wills.published': ['== 0', '>= 1'] }"
    const report = await stage.report(
      scenarioFile(body, `${onePump}, ${thresholds}, target: 'mqtt://127.0.0.1:${port}'`),
      { devices },
    )
    expect(report.thresholds).toMatchObject([
      { text: '== 0', held: false, value: expect.stringMatching(/^(at least )?1$/) },
      { text: '>= 1', held: true, value: expect.stringMatching(/^(at least )?1$/) },
    ])
  })

  it('cannot be judged where a will may have gone to others, and is none where there was no will', async () => {
    const { port } = await startMosquitto()
    const target = `target: 'mqtt://127.0.0.1:${port}', thresholds: { 'wills.published': '== 0' }`
    const body = '  await devices.pump[0].powerLoss()\n  await expect(devices.pump[0]).toBeOffline()'
    const unseen = await stage.report(scenarioFile(body, `${onePump}, ${target}`), { devices })
    expect(unseen.thresholds).toMatchObject([
      { held: false, value: expect.stringMatching(/^it cannot be judged: at least 0; whether mqtt:.* has published/) },
    ])
    const none = await stage.report(scenarioFile("  await observer.publish('a', 'b')", target))
    expect(none.thresholds).toMatchObject([{ held: true, value: '0' }])
  })
})
