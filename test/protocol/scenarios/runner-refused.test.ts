import { describe, expect, it } from 'vitest'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const devices = { pump }
const one = "devices: { pump: { script: 'pump' } }"
const file = 'scenarios/test.scenario.ts'

describe('the report of a run', () => {
  it('has no deed that was refused, and none that was done to nobody', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const { pump: [pump] } = devices
  const refused = (call) => call.then(() => log('done'), (error) => log(error.message))
  await refused(broker.start())
  await refused(pump.useCertificate('nope'))
  await refused(pump.connect())
  await refused(observer.connect())
  await refused(wire.drop({ number: 999_999 }))
  const nobody = await link('zz-*').cut()
  const all = await link('*').cut({ by: 'FIN' })
  log(await nobody.hits(), await all.hits())
  await broker.refuse('server busy', { clients: 'observer' })
  await expect(observer).toBeOffline()
  await refused(observer.connect())`,
        one,
      ),
      { devices },
    )
    expect(report.verdict).toEqual({ is: 'passed' })
    const said = report.log.map(({ text }) => text)
    expect(said).not.toContain('done')
    expect(said).toHaveLength(7)
    expect(said).toContain('0 2')
    // What the broker refuses was on the wire.
    expect(report.deeds.map(({ what }) => what)).toEqual([
      'cut link of every client by FIN',
      'the broker refuses observer: server busy',
      'observer connects again',
    ])
  })

  it('says which poll did not come back, and what it was before', async () => {
    const report = await stage.report(
      scenarioFile(
        `  let asked = 0
  await expect.poll(() => (asked++ === 0 ? 7 : new Promise(() => {})), { within: 500, every: 1 }).toBe(8)`,
        '',
      ),
    )
    const received = 'no answer within 1.5 s: what is polled does not come back; before, it was 7'
    expect(report.verdict).toMatchObject({
      is: 'failed',
      failures: [{ what: 'expect.poll(…).toBe', expected: '8, within 500 ms', received, place: { file, line: 5 } }],
    })
  })

  it('has in its course how long a poll has asked', async () => {
    const body = "  await expect.poll(() => 11, { within: '300ms', every: '50ms' }).toBe(-1)"
    const report = await stage.report(scenarioFile(body, ''))
    const [entry] = report.expectations
    expect(entry).toMatchObject({ what: 'expect.poll(…).toBe', expected: '-1, within 300 ms', received: '11' })
    expect(entry?.duration).toBeGreaterThanOrEqual(299)
  })

  it('names the poll that a run waited for when its time was out', async () => {
    const report = await stage.report(
      scenarioFile("  await expect.poll(() => new Promise(() => {}), { within: '1m' }).toBe(1)", "timeout: '1s'"),
    )
    expect(report.verdict).toEqual({
      is: 'out of time',
      message: 'the body did not end within 1 s; it waited for expect.poll(…).toBe',
      place: { file, line: 4, column: expect.any(Number) },
    })
  })

  it('keeps no more of a text than fits in one', async () => {
    const report = await stage.report(
      scenarioFile(
        `  log('x'.repeat(1_000_000))
  await step('s'.repeat(20_000), () => expect.soft('r'.repeat(20_000)).toBe(''))
  throw new Error('m'.repeat(20_000))`,
        '',
      ),
    )
    expect(report.log[0]?.text).toMatch(/^x{10000}… \(990000 more characters\)$/)
    expect(report.steps[0]?.name).toMatch(/^s{10000}… \(10000 more characters\)$/)
    expect(report.verdict).toMatchObject({ is: 'script threw', message: expect.stringMatching(/^m{10000}… /) })
    expect(JSON.stringify(report).length).toBeLessThan(50_000)
  })
})

describe('a scenario', () => {
  it('is ended where it lets too much pile up', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const payload = new Uint8Array(8_000_000)
  for (let i = 0; i < 8; i++) observer.publish('a', payload).catch(() => {})
  await observer.publish('a', payload)`,
        '',
      ),
    )
    expect(report.verdict).toMatchObject({
      is: 'script threw',
      message: 'more than 64 MB are in calls that are not finished; await some of them',
      place: { file, line: 6 },
    })
  })
})
