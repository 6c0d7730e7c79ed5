import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage()

/** Counts in RAM, keeps its session, leaves a will. */
const counting = script(`
  let ram = 0
  return {
    client: { cleanStart: false, will: { topic: \`\${id}/will\`, payload: 'offline', qos: 1, retain: true } },
    powerOn() { log('power on') },
    async connected({ client, sessionPresent }) {
      ram += 1
      log('connected', ram, sessionPresent)
      if (!sessionPresent) await client.subscribe(\`\${id}/in\`, { qos: 1 })
      log('ready')
    },
    message({ text }) { log('heard', text) },
    disconnected({ reason, willReconnect }) { log('disconnected', reason, willReconnect) },
  }`)

describe('power loss', () => {
  it('publishes the will, and is told before the socket dies', async () => {
    const { bench, broker } = stage
    const watcher = new Mosquitto('mosquitto_sub', broker.port, '-t', 'p1/will', '-v', '-C', '1')
    bench.run({ p1: counting })
    await bench.says('p1', 'ready')
    await until('the watcher is there', () => broker.connects.length >= 2)
    const seen: string[] = []
    const listening = bench.devices.onFault(({ id, clientId, what }) => {
      seen.push(`${id} ${clientId} ${what} ${bench.snapshot(id).state} ${broker.disconnects.includes(id)}`)
    })
    await bench.devices.act('p1', 'powerLoss')
    listening.dispose()
    expect(seen).toEqual(['p1 p1 power loss begins: its power is cut online false'])
    expect(bench.snapshot('p1')).toMatchObject({ state: 'power lost', reason: 'its power was cut' })
    expect(await watcher.exited()).toBe(0)
    expect(watcher.output).toBe('p1/will offline\n')
    // A script without power does not run: it cannot have noticed.
    expect(bench.console('p1').some((line) => line.startsWith('disconnected'))).toBe(false)
  })

  it('forgets the RAM, while the broker keeps the session and what was queued in it', async () => {
    const { bench, broker } = stage
    bench.run({ p2: counting })
    await bench.says('p2', 'ready')
    await bench.devices.act('p2', 'powerLoss')
    await until('the broker has noticed', () => broker.disconnects.includes('p2'))
    broker.publish('p2/in', 'meanwhile', 1)
    await bench.devices.act('p2', 'powerOn')
    await bench.says('p2', 'heard meanwhile')
    expect(bench.console('p2').filter((line) => !line.startsWith('heard'))).toEqual([
      'power on',
      'connected 1 false',
      'ready',
      'power on',
      'connected 1 true',
      'ready',
    ])
  })

  it('of a device that draws numbers gives it the same numbers again', async () => {
    const { bench } = stage
    bench.run({ p4: script(`log(random.next(), Math.random(), faker.string.uuid()); return {}`) })
    await bench.reaches('p4', 'online')
    await bench.devices.act('p4', 'powerLoss')
    await bench.devices.act('p4', 'powerOn')
    await until('it has booted twice', () => bench.console('p4').length === 2)
    const [first, second] = bench.console('p4')
    expect(second).toBe(first)
  })
})

describe('disconnect', () => {
  it('sends DISCONNECT: no will, the RAM is kept, and it does not try again', async () => {
    const { bench, broker } = stage
    bench.run({ d1: counting })
    await bench.says('d1', 'ready')
    await bench.devices.act('d1', 'disconnect')
    expect(bench.snapshot('d1')).toMatchObject({ state: 'offline', reason: 'disconnected' })
    await bench.says('d1', 'disconnected disconnected false')
    await until('the broker has noticed', () => broker.disconnects.includes('d1'))
    await bench.devices.act('d1', 'connect')
    await bench.says('d1', 'connected 2 true')
    expect(broker.texts('d1/will')).toEqual([])
    expect(bench.console('d1').filter((line) => line === 'power on')).toHaveLength(1)
  })

  it('makes messages wait that are published while it is offline', async () => {
    const { bench, broker } = stage
    bench.run({
      d2: script(`
        let client
        every('20ms', () => client?.connected === false && log('offline'))
        return {
          connected(event) { client = event.client },
          async disconnected() {
            client.publish('d2/out', 'first')
            client.publish('d2/out', 'second', { qos: 2 })
            await client.publish('d2/out', 'third', { qos: 1 })
            log('all arrived')
          },
        }`),
    })
    await bench.reaches('d2', 'online')
    await bench.devices.act('d2', 'disconnect')
    await bench.says('d2', 'offline')
    expect(broker.texts('d2/out')).toEqual([])
    await bench.devices.act('d2', 'connect')
    await bench.says('d2', 'all arrived')
    expect(broker.texts('d2/out')).toEqual(['first', 'second', 'third'])
  })

  it('can be followed by connect at once', async () => {
    const { bench } = stage
    bench.run({ d3: counting })
    await bench.says('d3', 'ready')
    await Promise.all([
      bench.devices.act('d3', 'disconnect'),
      until('offline', () => bench.snapshot('d3').state === 'offline'),
    ])
    await bench.devices.act('d3', 'connect')
    await bench.says('d3', 'connected 2 true')
    expect(bench.snapshot('d3').state).toBe('online')
  })
})

describe('an action', () => {
  it('that makes no sense is refused in words', async () => {
    const { bench } = stage
    bench.run({ x1: script('return {}') })
    await bench.reaches('x1', 'online')
    await expect(bench.devices.act('x1', 'powerOn')).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'x1 cannot be powered on: it is online',
    })
    await expect(bench.devices.act('x1', 'connect')).rejects.toMatchObject({ code: 'wrong-state' })
    await bench.devices.act('x1', 'powerLoss')
    await expect(bench.devices.act('x1', 'powerLoss')).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'x1 cannot lose its power: it is power lost',
    })
    await expect(bench.devices.act('x1', 'disconnect')).rejects.toMatchObject({ code: 'wrong-state' })
  })

  it('on a device that does not exist is refused', async () => {
    const { bench } = stage
    await expect(bench.devices.act('nobody', 'powerOn')).rejects.toMatchObject({ code: 'not-found' })
    expect(() => bench.devices.console('nobody')).toThrow(`there is no device 'nobody'`)
  })
})

describe('reload', () => {
  it('restarts a running device with the new code and fresh RAM, and publishes its will', async () => {
    const { bench, broker } = stage
    bench.run({ r1: counting })
    await bench.says('r1', 'ready')
    const losses = bench.powerLosses.length
    expect(await bench.reload('r1', counting.replace("'power on'", "'new code'"))).toBe(1)
    await bench.says('r1', 'new code')
    await bench.says('r1', 'connected 1 true')
    expect(bench.powerLosses.slice(losses)).toEqual(['r1'])
    await until('the will is there', () => broker.texts('r1/will').length === 1)
  })

  it('leaves a device without power as it is, which has the new code when it is powered on', async () => {
    const { bench } = stage
    bench.run({ r2: counting })
    await bench.says('r2', 'ready')
    await bench.devices.act('r2', 'powerLoss')
    expect(await bench.reload('r2', counting.replace("'power on'", "'new code'"))).toBe(0)
    expect(bench.snapshot('r2').state).toBe('power lost')
    await bench.devices.act('r2', 'powerOn')
    await bench.says('r2', 'new code')
  })

  it('leaves a device offline that was so on purpose, which has the new code when it connects', async () => {
    const { bench } = stage
    bench.run({ r3: counting })
    await bench.says('r3', 'ready')
    await bench.devices.act('r3', 'disconnect')
    expect(await bench.reload('r3', counting.replace("'power on'", "'new code'"))).toBe(0)
    expect(bench.snapshot('r3').state).toBe('offline')
    await bench.devices.act('r3', 'connect')
    await bench.says('r3', 'new code')
    await bench.says('r3', 'connected 1 true')
  })

  it('touches only the devices of that script', async () => {
    const { bench } = stage
    bench.run({ r4: counting, r5: counting })
    await bench.says('r4', 'ready')
    await bench.says('r5', 'ready')
    await bench.reload('r4', counting)
    await bench.says('r4', 'connected 1 true')
    expect(bench.console('r5')).toEqual(['power on', 'connected 1 false', 'ready'])
  })
})

describe('close', () => {
  it('says DISCONNECT for every device and ends', async () => {
    const { assets, broker } = stage
    const { DeviceBench } = await import('../../helpers/device-bench.ts')
    const own = new DeviceBench(assets, broker.port)
    own.run({ c1: counting, c2: counting, c3: counting })
    await Promise.all(['c1', 'c2', 'c3'].map((id) => own.says(id, 'ready')))
    await own.devices.close()
    await until('the broker has seen all go', () => ['c1', 'c2', 'c3'].every((id) => broker.disconnects.includes(id)))
    expect(['c1', 'c2', 'c3'].flatMap((id) => broker.texts(`${id}/will`))).toEqual([])
    expect(own.devices.list().map(({ state }) => state)).toEqual(['off', 'off', 'off'])
  })
})
