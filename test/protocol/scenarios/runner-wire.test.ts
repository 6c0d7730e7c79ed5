import { describe, expect, it } from 'vitest'
import { pump, scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()
const devices = { pump }
const one = "devices: { pump: { script: 'pump' } }"

describe('faults and holds of a scenario', () => {
  it('drop what they are told to, so often, and say how often they have acted', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const sensor = await client('sensor')
  const fault = await link(sensor).drop({ packet: 'PUBACK', nth: 2 })
  const lost = await link('sens*').drop({ packet: ['PUBACK', 'PUBREC'], from: 'broker', times: 1 })
  const waiting = sensor.publish('a', '1', { qos: 1 }).catch((error) => log(error.message))
  await expect.poll(() => lost.hits()).toBe(1)
  await expect(sensor.exchanges).toShow('PUBLISH', 'PUBACK✕')
  await fault.remove()
  await fault.remove()
  await link(sensor).heal()
  await sensor.drop()
  await sensor.connect()
  await waiting`,
        '',
      ),
    )
    expect(report.verdict).toEqual({ is: 'passed' })
    expect(report.counts.dropped).toBe(1)
    expect(report.deeds.map(({ what }) => what)).toEqual([
      'drop PUBACK from the second on of sensor',
      'drop first PUBACK or PUBREC to sens*',
      // The second time there was nothing to be removed.
      '“drop PUBACK from the second on of sensor” is removed',
      'links of sensor are healed',
      'the connection of sensor is dropped',
      'sensor connects again',
    ])
  })

  it('hold packets, deliver one after the other, and let go', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const watch = await observer.subscribe('a/#')
  const sensor = await client('sensor')
  const hold = await wire.hold('type:publish client:sensor from:client')
  await sensor.publish('a/1', 'one')
  await sensor.publish('a/2', 'two')
  await sensor.publish('a/3', 'three')
  const first = await wire.held()
  log(first.type, first.client, first.from)
  await wire.drop(first)
  const second = await wire.next()
  await wire.deliver(await wire.held()).catch((error) => log(error.message))
  await hold.release()
  await sensor.publish('a/4', 'four')
  await expect(watch).toReceive([{ payload: 'two' }, { payload: 'three' }, { payload: 'four' }], { inOrder: true })
  log(second.number > first.number, await watch.count(), (await watch.messages())[0]?.text)`,
        '',
      ),
    )
    expect(report.verdict).toEqual({ is: 'passed' })
    expect(report.log.map(({ text }) => text)).toEqual(['PUBLISH sensor client', 'true 3 two'])
    expect(report.deeds.map(({ kind }) => kind)).toEqual([
      'wire.hold',
      'wire.drop',
      'wire.next',
      'wire.deliver',
      'wire.release hold',
    ])
  })

  it('fail where nothing is held in time', async () => {
    const report = await stage.report(
      scenarioFile("  await wire.hold('type:pubrel')\n  await wire.next({ within: '50ms' })", ''),
    )
    expect(report.verdict).toMatchObject({
      is: 'failed',
      failures: [{ what: 'wire.next', expected: 'a packet to be held, within 50 ms', received: 'none is held' }],
    })
  })

  it('refuse a filter that cannot be read', async () => {
    const report = await stage.report(scenarioFile("  await wire.hold('type:publich')", ''))
    expect(report.verdict).toMatchObject({ is: 'script threw', place: { line: 4 } })
  })

  it('cut a link when what is under way has come to rest', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const { pump: [pump] } = devices
  await pump.powerLoss()
  await observer.publish('plant/pump/set', 'x', { qos: 2 })
  await link(pump).drop({ packet: 'PUBREC', from: 'client', times: 1 })
  await pump.powerOn()
  await link(pump).cut()
  await expect(pump).toHandle({ topic: 'plant/pump/set' }, { exactly: 1 })
  await expect(pump.exchanges).toShow('PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP')`,
        one,
      ),
      { devices },
    )
    expect(report.verdict).toEqual({ is: 'passed' })
  })

  it('tell what they ask: of devices, fleets, Sessions, and the broker', async () => {
    const report = await stage.report(
      scenarioFile(
        `  const { pump: [pump] } = devices
  log(await pump.state(), await fleets.pump.online(), await broker.connections(), await pump.session.queued())
  await pump.disconnect()
  await observer.publish('plant/pump/set', 'x', { qos: 1 })
  await expect.poll(() => pump.session.queued()).toBe(1)
  await broker.expireSession(pump)
  await expect(pump.session).toBeExpired()
  log(await pump.state(), await pump.session.queued())`,
        one,
      ),
      { devices },
    )
    expect(report.verdict).toEqual({ is: 'passed' })
    expect(report.log.map(({ text }) => text)).toEqual(['online 1 2 0', 'offline 0'])
  })

  it('say what of them cannot come again', async () => {
    const report = await stage.report(
      scenarioFile(
        `  await link('*').latency('1ms', { probability: 0.5 })
  await link('nobody').halfOpen()
  await wait('1ms')`,
        '',
      ),
    )
    expect(report.unrepeatable).toEqual([
      'It waits for real time: how far everything else has come by then differs.',
      'Keep alives run on real time.',
      expect.stringMatching(/^Chances are drawn from the seed/),
    ])
  })
})
