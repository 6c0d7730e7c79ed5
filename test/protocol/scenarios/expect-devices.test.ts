import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import type { Subject } from '../../../app/script-api/scenario-crossing.ts'
import type { Bench } from '../../../main/scenarios/bench.ts'
import { expression, setExpectStage, text } from '../../helpers/expect-stage.ts'
import { patience, until } from '../../helpers/until.ts'

const openStage = setExpectStage()

const pump = `import { device, log } from 'faultline'
export default device(({ id }) => ({
  client: {
    clientId: \`station-\${id}\`,
    cleanStart: false,
    keepAlive: '30s',
    will: { topic: \`plant/\${id}/status\`, payload: 'offline', qos: 1 },
    reconnect: { after: '100ms', factor: 1, jitter: 0 },
  },
  async connected({ client, sessionPresent }) {
    if (!sessionPresent) await client.subscribe(\`plant/\${id}/set\`, { qos: 2 })
    log('ready for ' + id)
  },
  message({ text }) { log('set to ' + text) },
}))
`

/** When it came online; 0 where it is not. */
function sinceOf(bench: Bench): number {
  const device = bench.devices.list().find(({ id }) => id === 'pump-01')
  return device?.state === 'online' ? device.since : 0
}

const left: Subject = { is: 'device', id: 'pump-01' }

async function open() {
  const stage = await openStage({
    files: { 'devices/pump.device.ts': pump },
    plan: { groups: [{ name: 'pump', script: 'pump', count: 2, on: true }] },
  })
  await until(
    'the pumps have subscribed',
    () => stage.bench.broker.sessions().filter(({ subscriptions }) => subscriptions.length > 0).length === 2,
  )
  return stage
}

describe('a device', () => {
  it('is online, or not', async () => {
    const { bench, judge } = await open()
    expect(await judge(left, { matcher: 'toBeOnline' })).toMatchObject({
      held: true,
      what: 'expect(pump-01).toBeOnline',
      expected: 'pump-01 to be online, within 5 s',
      received: 'it is online',
    })
    expect(await judge(left, { matcher: 'toBeOffline' }, 50)).toMatchObject({
      held: false,
      expected: 'pump-01 to be offline, within 50 ms',
      received: 'it is online',
    })
    await bench.devices.act('pump-01', 'powerLoss', {})
    expect(await judge(left, { matcher: 'toBeOffline' })).toMatchObject({ held: true })
    expect(await judge(left, { matcher: 'toBeOnline' }, 50)).toMatchObject({
      held: false,
      received: expect.stringMatching(/^it is power lost/),
    })
    await expect(judge({ is: 'device', id: 'fan' }, { matcher: 'toBeOnline' })).rejects.toMatchObject({
      code: 'not-found',
      message: "there is no device 'fan' in this scenario",
    })
  })

  it('reconnects after what was done to it, and only then', async () => {
    const { bench, judge } = await open()
    expect(await judge(left, { matcher: 'toReconnect' }, 50)).toMatchObject({
      held: false,
      expected: 'pump-01 to reconnect, within 50 ms',
      received: 'it is online, and was not offline since',
    })
    bench.wire.cut('station-pump-01', 'rst')
    expect(await judge(left, { matcher: 'toReconnect' }, patience)).toMatchObject({
      held: true,
      received: 'it is online',
    })
    // That it came back then is no answer to what is done now.
    expect(await judge(left, { matcher: 'toReconnect' }, 50)).toMatchObject({ held: false })
    await bench.devices.act('pump-01', 'powerLoss', {})
    expect(await judge(left, { matcher: 'toReconnect' }, 50)).toMatchObject({
      held: false,
      received: expect.stringMatching(/^it is power lost/),
    })
    await bench.devices.act('pump-01', 'powerOn', {})
    expect(await judge(left, { matcher: 'toReconnect' }, patience)).toMatchObject({ held: true })
  })

  it('has reconnected when it was back before that was expected', async () => {
    const { bench, judge } = await open()
    const back = async () => {
      const before = sinceOf(bench)
      bench.wire.cut('station-pump-01', 'rst')
      await until('it is back', () => sinceOf(bench) > before)
    }
    await back()
    expect(await judge(left, { matcher: 'toReconnect' }, patience)).toMatchObject({ held: true })
    await back()
    // Its link is broken since, and it does not know: that it came back before is no answer to that.
    bench.wire.addRule({ ...ruleDefaults('halfOpen'), clients: 'station-*' })
    expect(await judge(left, { matcher: 'toReconnect' }, 50)).toMatchObject({ held: false })
  })

  it('handles messages, which every expectation is given', async () => {
    const { judge, publish } = await open()
    await publish('observer', 'plant/pump-01/set', '70', { qos: 2 })
    const set = { topic: text('plant/+/set') }
    for (const often of [{ exactly: 1 }, {}]) {
      expect(await judge(left, { matcher: 'toHandle', message: set, often })).toMatchObject({
        held: true,
        what: 'expect(pump-01).toHandle',
        expected: `a message to plant/+/set${often.exactly ? ' exactly once' : ''}, handled by pump-01, within 5 s`,
        received: 'plant/pump-01/set "70" QoS 2',
      })
    }
    const wrong = await judge(left, { matcher: 'toHandle', message: { payload: text('80') }, often: {} }, 50)
    expect(wrong).toMatchObject({
      held: false,
      received: '1 message came, none fits: plant/pump-01/set "70" QoS 2 (another payload)',
    })
    const other: Subject = { is: 'device', id: 'pump-02' }
    expect(await judge(other, { matcher: 'toHandle', message: set, often: {} }, 50)).toMatchObject({
      held: false,
      received: 'nothing came',
    })
    expect(await judge(left, { matcher: 'toHandle', message: set, often: { never: true } }, 50)).toMatchObject({
      held: false,
      received: 'plant/pump-01/set "70" QoS 2',
    })
  })

  it('logs lines', async () => {
    const { judge, publish } = await open()
    await publish('observer', 'plant/pump-01/set', '70', { qos: 2 })
    expect(await judge(left, { matcher: 'toLog', text: text('to 70') })).toMatchObject({
      held: true,
      expected: 'pump-01 to log "to 70", within 5 s',
      received: '"set to 70"',
    })
    expect(await judge(left, { matcher: 'toLog', text: expression('^SET', 'i') })).toMatchObject({ held: true })
    expect(await judge(left, { matcher: 'toLog', text: expression('^set$') }, 50)).toMatchObject({
      held: false,
      expected: 'pump-01 to log what matches /^set$/, within 50 ms',
      received: expect.stringMatching(/^it has logged .*"set to 70"$/),
    })
  })

  it('fails, and that is told once', async () => {
    const { bench, judge } = await open()
    expect(await judge(left, { matcher: 'toFail' }, 50)).toMatchObject({
      held: false,
      expected: 'the script of pump-01 to fail, within 50 ms',
      received: 'it has not failed',
    })
    await bench.devices.act('pump-01', 'crash', {})
    const failed = await judge(left, { matcher: 'toFail' })
    expect(failed).toMatchObject({ held: true })
    expect(await judge(left, { matcher: 'toFail', message: text('no such words') }, 50)).toMatchObject({
      held: false,
      expected: 'the script of pump-01 to fail with "no such words", within 50 ms',
      received: `it has failed with ${failed.received}`,
    })
    expect(await judge(left, { matcher: 'toFail', message: text(failed.received) })).toMatchObject({ held: true })
    await bench.devices.act('pump-01', 'powerOn', {})
    expect(await judge(left, { matcher: 'toBeOnline' }, patience)).toMatchObject({ held: true })
    expect(await judge(left, { matcher: 'toFail' }, 50)).toMatchObject({ held: false })
  })

  it('is refused with a code', async () => {
    const { bench, evidence, judge } = await open()
    await bench.broker.order({ order: 'refuse', reason: 'server unavailable' }, undefined)
    expect(await judge(left, { matcher: 'toBeRefused' }, 50)).toMatchObject({
      held: false,
      expected: 'the broker to refuse pump-01, or to end its connection, within 50 ms',
      received: 'it was not refused',
    })
    bench.wire.cut('station-pump-01', 'rst')
    await until('it has tried twice', () => evidence.refusals.length > 1)
    expect(await judge(left, { matcher: 'toBeRefused', code: 5 }, 50)).toMatchObject({
      held: false,
      expected: 'the broker to refuse pump-01, or to end its connection, with 0x05, within 50 ms',
      received: expect.stringMatching(/^it was refused \d+ times, with 0x03$/),
    })
    expect(await judge(left, { matcher: 'toBeRefused', code: 3 })).toMatchObject({
      held: true,
      received: 'it was refused with 0x03',
    })
  })

  it('goes by its id, whatever its Client Identifier is', async () => {
    const { bench, judge, publish } = await open()
    await publish('observer', 'plant/pump-01/set', '70', { qos: 2 })
    const steps = ['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP']
    expect(await judge({ is: 'exchanges', id: 'pump-01' }, { matcher: 'toShow', steps })).toMatchObject({ held: true })
    expect(await judge({ is: 'session', id: 'pump-01' }, { matcher: 'toBePresent' })).toMatchObject({ held: true })
    await bench.devices.act('pump-01', 'powerLoss', {})
    expect(await judge({ is: 'will', id: 'pump-01' }, { matcher: 'toBePublished' })).toMatchObject({ held: true })
  })
})

describe('a group of devices', () => {
  it('has as many online', async () => {
    const { bench, judge } = await open()
    const pumps: Subject = { is: 'fleet', group: 'pump' }
    expect(await judge(pumps, { matcher: 'toBeOnline' })).toMatchObject({
      held: true,
      what: 'expect(fleets.pump).toBeOnline',
      expected: 'all of pump to be online, within 5 s',
      received: '2 of 2 are online',
    })
    await bench.devices.act('pump-01', 'powerLoss', {})
    expect(await judge(pumps, { matcher: 'toBeOnline', count: 1 })).toMatchObject({ held: true })
    expect(await judge(pumps, { matcher: 'toBeOnline' }, 50)).toMatchObject({
      held: false,
      received: '1 of 2 are online',
    })
  })
})

describe('a client of the scenario', () => {
  it('is online, or not', async () => {
    const { bench, client, judge } = await openStage()
    const fan: Subject = { is: 'client', id: 'fan' }
    await client('fan')
    expect(await judge(fan, { matcher: 'toBeOnline' })).toMatchObject({ held: true, received: 'it is online' })
    expect(await judge(fan, { matcher: 'toBeOffline' }, 50)).toMatchObject({ held: false, received: 'it is online' })
    bench.wire.cut('fan', 'rst')
    expect(await judge(fan, { matcher: 'toBeOffline' })).toMatchObject({ held: true })
    expect(await judge(fan, { matcher: 'toBeOnline' }, 50)).toMatchObject({
      held: false,
      expected: 'fan to be online, within 50 ms',
      received: expect.stringMatching(/^it is offline: ./),
    })
  })

  it('is thrown out with a Reason Code', async () => {
    const { bench, client, judge } = await openStage()
    const fan: Subject = { is: 'client', id: 'fan' }
    await client('fan', { version: 5 })
    expect(await judge(fan, { matcher: 'toBeRefused' }, 50)).toMatchObject({
      held: false,
      received: 'it was not refused',
    })
    await bench.broker.order({ order: 'expireSession', id: 'fan' }, undefined)
    expect(await judge(fan, { matcher: 'toBeRefused', code: 0x98 })).toMatchObject({
      held: true,
      received: 'it was refused with 0x98',
    })
  })

  it('cannot be asked for what only a device has', async () => {
    const { judge } = await openStage()
    await expect(judge({ is: 'client', id: 'observer' }, { matcher: 'toReconnect' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'toReconnect cannot be expected of a client',
    })
  })
})
