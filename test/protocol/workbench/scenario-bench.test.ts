import { describe, expect, it } from 'vitest'
import type { NetworkConnection } from '../../../app/mqtt/network-connection.ts'
import type { Devices } from '../../../main/devices/devices.ts'
import type { Bench } from '../../../main/scenarios/bench.ts'
import { orderOfStarts } from '../../../main/workbench/scenario-groups.ts'
import { eventsOf, packetsOf, setBenchStage, settingsFor } from '../../helpers/bench-stage.ts'
import { broker, group, publish, pumpFiles, stateOf, subscribe, texts } from '../../helpers/bench-words.ts'
import { until } from '../../helpers/until.ts'

const open = setBenchStage()

describe('a bench', () => {
  it('has its devices online and its observer connected when it is there', async () => {
    const { bench } = await open({ files: pumpFiles, plan: { groups: [group({ count: 3 })] } })
    expect(bench.devices.list()).toMatchObject([
      { id: 'pump-01', state: 'online' },
      { id: 'pump-02', state: 'online' },
      { id: 'pump-03', state: 'online' },
    ])
    expect(bench.clients.state('observer')).toEqual({ online: true, reason: '', reasonCode: undefined })
    expect(bench.broker.own).toBe(true)
    expect(bench.fleets.list()).toMatchObject([{ id: 'pump', kind: 'scripted', online: 3 }])
    const clients = bench.broker.sessions().map(({ clientId }) => clientId)
    expect(clients.sort()).toEqual(['observer', 'pump-01', 'pump-02', 'pump-03'])
    expect(packetsOf(bench, 'pump-01').slice(0, 2)).toEqual(['CONNECT', 'CONNACK'])
  })

  it('starts its devices in an order that the seed draws', async () => {
    const order = async (seed: number) => {
      const { bench } = await open({ files: pumpFiles, plan: { seed, groups: [group({ count: 6 })] } })
      const { history } = bench.devices as Bench['devices'] & Pick<Devices, 'history'>
      const booted = bench.devices.list().map(({ id }) => {
        const { entries } = history.call(bench.devices, id)
        return { id, time: entries.find(({ state }) => state === 'booting')?.time ?? 0 }
      })
      return booted.sort((a, b) => a.time - b.time).map(({ id }) => id)
    }
    const ids = Array.from({ length: 6 }, (_, i) => `pump-0${i + 1}`)
    expect(await order(7)).toEqual(orderOfStarts(ids, 7))
    expect(await order(8)).toEqual(orderOfStarts(ids, 8))
  })

  it('keeps devices off that are to start off, until their power is switched on', async () => {
    const { bench, received } = await open({
      files: pumpFiles,
      plan: { groups: [group({ name: 'left', on: false }), group({ name: 'right' })] },
    })
    expect([stateOf(bench, 'left'), stateOf(bench, 'right')]).toEqual(['off', 'online'])
    expect(packetsOf(bench, 'left')).toEqual([])
    await subscribe(bench, 'observer', 'plant/left/status')
    await bench.devices.act('left', 'powerOn', {})
    await until('the device has said that it is online', () => texts(received, 'observer').includes('online'))
    expect(stateOf(bench, 'left')).not.toBe('off')
  })

  it('tells what the script of a device was given', async () => {
    const { bench } = await open({ files: pumpFiles, plan: { groups: [group()] } })
    const handled: unknown[] = []
    bench.devices.onHandled(({ device, payload, qos, topic }) =>
      handled.push({ device, text: Buffer.from(payload).toString(), qos, topic }),
    )
    const ready = () =>
      bench.broker.sessions().some((session) => session.clientId === 'pump' && session.subscriptions.length > 0)
    await until('the device has subscribed', ready)
    await publish(bench, 'observer', 'plant/pump/set', 'faster', 2)
    await until('the device has handled it', () => handled.length > 0)
    expect(handled).toEqual([{ device: 'pump', text: 'faster', qos: 2, topic: 'plant/pump/set' }])
  })

  it('is one of several that know nothing of one another', async () => {
    const [left, right] = await Promise.all([
      open({ files: pumpFiles, plan: { groups: [group()] } }),
      open({ files: pumpFiles, plan: { groups: [group()] } }),
    ])
    expect(left.bench.mqttUrl).not.toBe(right.bench.mqttUrl)
    await Promise.all([subscribe(left.bench, 'observer', '#'), subscribe(right.bench, 'observer', '#')])
    await publish(left.bench, 'observer', 'to', 'left', 2)
    await publish(right.bench, 'observer', 'to', 'right', 2)
    await until('both have come', () => left.received.length > 1 && right.received.length > 1)
    expect(texts(left.received, 'observer')).not.toContain('right')
    expect(texts(right.received, 'observer')).not.toContain('left')
  })

  it('says which device fails at its start, and where', async () => {
    const broken = `import { device } from 'faultline'
export default device(() => {
  throw new Error('no valve')
})
`
    const failed = open({
      files: { 'devices/valve.device.ts': broken },
      plan: { groups: [group({ script: 'valve' })] },
    })
    await expect(failed).rejects.toMatchObject({
      code: 'script-threw',
      message: expect.stringMatching(/^the script of pump failed: .*no valve.*devices\/valve\.device\.ts:3:\d+\)$/),
      details: { device: 'pump', file: 'devices/valve.device.ts', line: 3 },
    })
  })

  it('says which script is not there, and what it may be called', async () => {
    const failed = open({ files: pumpFiles, plan: { groups: [group({ script: 'pmup' })] } })
    await expect(failed).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no devices/pmup.device.ts',
      hint: 'did you mean devices/pump.device.ts?',
    })
  })

  it('says all that is wrong with its broker, in the words of faultline.json', async () => {
    const plan = { broker: broker({ limits: { maxInflight: 0, maxQueues: 5 }, access: { anonymous: 'no' } }) }
    await expect(open({ plan })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(
        /^(?=.*broker\.maxInflight must be a whole number from 1 to 65535, not 0)(?=.*broker has no "maxQueues"; did you mean "maxQueued"\?)(?=.*broker\.access\.anonymous must be true or false)/,
      ),
    })
  })

  it('keeps its limits and its rules, but not for the observer', async () => {
    const access = { anonymous: true, acl: { rules: [{ deny: 'all', topics: ['secret/#'] }] } }
    const { bench } = await open({ plan: { broker: broker({ access, limits: { maxQoS: 1 } }) } })
    await bench.clients.open('guest', settingsFor('guest'))
    await expect(subscribe(bench, 'guest', 'secret/#')).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining("guest: the broker refused to subscribe to 'secret/#'"),
    })
    // [MQTT 5 §3.2.2.3.4]: the broker grants what it can.
    expect(await subscribe(bench, 'observer', 'secret/#', 2)).toEqual([1])
  })

  it('lets nobody in whom its rules do not let in, but the observer', async () => {
    const { bench, lines } = await open({ plan: { broker: broker({ access: { anonymous: false } }) } })
    await expect(bench.clients.open('guest', settingsFor('guest', { protocolVersion: 5 }))).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'guest was not let in: refused: not authorized (0x87)',
      details: { reasonCode: 0x87 },
    })
    expect(bench.clients.state('guest')).toMatchObject({ online: false, reasonCode: 0x87 })
    // Others may run at the same time, and say the same.
    const told = /^a scenario: guest at 127\.0\.0\.1:\d+ did not get in: refused/
    await until('the log says whose broker it was', () => lines.some((line) => told.test(line)))
  })

  it('has nothing between Links and broker, but what a test puts there', async () => {
    const deaf = (end: NetworkConnection): NetworkConnection => ({
      remote: end.remote,
      listen: (handler) => end.listen(handler),
      // Each PUBLISH of the broker loses its DUP and its RETAIN flag.
      write: (packet, origin) => {
        const broken = Uint8Array.from(packet)
        if ((broken[0] ?? 0) >> 4 === 3) broken[0] = (broken[0] ?? 0) & 0xf6
        return end.write(broken, origin)
      },
      end: (reason) => end.end(reason),
      reset: (reason) => end.reset(reason),
      pause: () => end.pause(),
      resume: () => end.resume(),
    })
    const [right, wrong] = await Promise.all([open(), open({ between: deaf })])
    for (const { bench, received } of [right, wrong]) {
      await bench.broker.order({ order: 'publish', topic: 'kept', text: 'x', qos: 1, retain: true }, undefined)
      await subscribe(bench, 'observer', 'kept')
      await until('it has come', () => received.length > 0)
    }
    expect(right.received[0]).toMatchObject({ topic: 'kept', retain: true })
    expect(wrong.received[0]).toMatchObject({ topic: 'kept', retain: false })
  })
})

describe('a group of a bench', () => {
  const load = `import { fleet } from 'faultline'
export default fleet({ topic: 'load/{id}', every: '50ms', qos: 0, client: { reconnect: { after: '100ms', factor: 1, jitter: 0 } } })
`

  it('has more or fewer devices when it is told to, the last ones first', async () => {
    const { bench } = await open({ files: pumpFiles, plan: { groups: [group({ count: 2 })] } })
    await bench.fleets.rampTo('pump', 4, 60)
    await until('four are online', () => bench.devices.list().filter(({ state }) => state === 'online').length === 4)
    await bench.fleets.rampTo('pump', 1, 0)
    expect(bench.devices.list().map(({ id }) => id)).toEqual(['pump-01'])
    await expect(bench.fleets.rampTo('pumps', 1, 0)).rejects.toMatchObject({ code: 'not-found' })
  })

  it.each(['all at once', 'as scripted'] as const)(
    'loses all connections in a storm, and reconnects %s',
    async (how) => {
      const { bench } = await open({ files: pumpFiles, plan: { groups: [group({ count: 3 })] } })
      await bench.fleets.storm('pump', how)
      const connects = () =>
        ['pump-01', 'pump-02', 'pump-03'].map((id) => packetsOf(bench, id).filter((p) => p === 'CONNECT').length)
      await until('all have connected again', () => connects().every((count) => count === 2))
      expect(eventsOf(bench).filter((event) => event.type === 'fault' && event.what === 'cut with RST')).toHaveLength(3)
    },
  )

  it('may be a load fleet', async () => {
    const { bench, received } = await open({
      files: { 'devices/load.device.ts': load },
      plan: {
        groups: [group({ name: 'load', script: 'load', count: 3 }), group({ name: 'late', script: 'load', on: false })],
      },
    })
    expect(bench.fleets.list()).toMatchObject([
      { id: 'load', kind: 'load', online: 3 },
      { id: 'late', present: 0 },
    ])
    await subscribe(bench, 'observer', 'load/+', 0)
    await until('each of them publishes', () => new Set(received.map(({ topic }) => topic)).size === 3)
    await bench.fleets.rampTo('late', 1, 0)
    await until('the late one publishes', () => received.some(({ topic }) => topic === 'load/late'))
    await bench.fleets.storm('load', 'as scripted')
    await until('it has connected again', () => packetsOf(bench, 'load-01').filter((p) => p === 'CONNECT').length === 2)
  })
})
