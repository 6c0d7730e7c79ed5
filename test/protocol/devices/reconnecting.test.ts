import { describe, expect, it } from 'vitest'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { ScriptedBroker } from '../../helpers/scripted-broker.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

describe('a device that loses its connection', () => {
  it('waits longer and longer, says until when, and counts its attempts', async () => {
    const { bench, broker } = stage
    broker.connack = undefined
    broker.answer = (_packet, { socket }) => socket.destroy()
    bench.run({ b1: script(`return { client: { reconnect: { after: '40ms', factor: 2, max: '100ms' } } }`) })
    const fifth = await until('the fifth attempt has failed', () => {
      return bench.told.get('b1')?.find(({ attempts, state }) => attempts >= 5 && state === 'backing off')
    })
    expect(fifth.reason).toBe('the broker closed the connection before CONNACK')
    const told = (bench.told.get('b1') ?? []).filter(({ nextAttemptAt }) => nextAttemptAt !== undefined)
    // An attempt is not made before its time, and the time of the next one is counted from its failure. Not all are told of.
    const waits = [40, 80, 100, 100, 100]
    for (const [i, { attempts, nextAttemptAt = 0 }] of told.entries()) {
      const before = told[i - 1]
      const least = waits.slice(before?.attempts ?? attempts, attempts).reduce((sum, wait) => sum + wait - 2, 0)
      expect(nextAttemptAt - (before?.nextAttemptAt ?? nextAttemptAt)).toBeGreaterThanOrEqual(least)
    }
    // The worker says when, and the workbench stamps since when a moment later.
    expect(Math.max(...told.map(({ nextAttemptAt = 0, since }) => nextAttemptAt - since))).toBeLessThan(102)
    await bench.devices.act('b1', 'disconnect')
    expect(bench.snapshot('b1')).toMatchObject({ state: 'offline', reason: 'disconnected', nextAttemptAt: undefined })
  })

  it('counts anew once it was online', async () => {
    const { bench, broker } = stage
    broker.connack = { returnCode: 3 }
    bench.run({ b2: script(`return { client: { reconnect: { after: '1ms', factor: 1 } } }`) })
    await until('two attempts have failed', () => bench.snapshot('b2').attempts >= 2)
    broker.connack = {}
    await bench.reaches('b2', 'online')
    expect(bench.snapshot('b2').attempts).toBe(0)
  })

  it('can be made to try at once', async () => {
    const { bench, broker } = stage
    broker.connack = { returnCode: 5 }
    bench.run({
      b3: script(`
        return {
          client: { reconnect: { after: '1h', max: '1h' } },
          disconnected({ reason, willReconnect }) { log(reason, willReconnect) },
        }`),
    })
    expect(await bench.reaches('b3', 'backing off')).toMatchObject({ reason: 'refused: not authorized', attempts: 1 })
    await bench.says('b3', 'refused: not authorized true')
    broker.connack = {}
    await bench.devices.act('b3', 'connect')
    await bench.reaches('b3', 'online')
  })

  it('does not try again when its script says so', async () => {
    const { bench, broker } = stage
    bench.run({
      b4: script(`
        return {
          client: { reconnect: false },
          disconnected({ reason, willReconnect }) { log(reason, willReconnect) },
        }`),
    })
    const connection = await broker.connection(1)
    await bench.reaches('b4', 'online')
    connection.socket.end()
    expect((await bench.reaches('b4', 'offline')).reason).toBe(
      'connection lost: the broker closed it; its script never tries again',
    )
    await bench.says('b4', 'connection lost: the broker closed it false')
    await bench.devices.act('b4', 'connect')
    await bench.reaches('b4', 'online')
  })

  it('says when nobody listens', async () => {
    const { assets } = stage
    const closed = await ScriptedBroker.open()
    await closed.close()
    const own = new DeviceBench(assets, closed.port, { workers: 1 })
    own.run({ b5: script('return {}') })
    expect((await own.reaches('b5', 'backing off')).reason).toBe(`nobody listens on 127.0.0.1:${closed.port}`)
    await own.devices.close()
  })

  it('says so when the broker sends what is not MQTT', async () => {
    const { bench, broker } = stage
    bench.run({ b6: script('return {}') })
    const connection = await broker.connection(1)
    await bench.reaches('b6', 'online')
    connection.send(Buffer.from([0xf0, 0xff, 0xff, 0xff, 0xff, 0xff]))
    expect((await bench.reaches('b6', 'backing off')).reason).toMatch(
      /^connection lost: the broker sent what is not MQTT/,
    )
    await until('it has closed', () => connection.closed)
  })

  it('notices that nobody answers its PINGREQ', async () => {
    const { bench, broker } = stage
    bench.run({ b7: script(`return { client: { keepAlive: '1s' } }`) })
    const connection = await broker.connection(1)
    await broker.receives(connection, 'pingreq')
    expect((await bench.reaches('b7', 'backing off')).reason).toBe('connection lost: the broker did not answer PINGREQ')
  })

  it('draws the jitter of its waits from its seed', async () => {
    const { bench, broker } = stage
    broker.connack = { returnCode: 3 }
    const source = script(`return { client: { reconnect: { after: '10s', jitter: 0.5 } } }`)
    bench.run({ b8: source, b9: source })
    const waitOf = async (id: string) => {
      const { nextAttemptAt = 0, since } = await bench.reaches(id, 'backing off')
      return Math.round(nextAttemptAt - since)
    }
    const [b8, b9] = [await waitOf('b8'), await waitOf('b9')]
    expect(b8).not.toBe(b9)
    for (const wait of [b8, b9]) expect(Math.abs(wait - 10_000)).toBeLessThanOrEqual(5000)
    await bench.devices.act('b8', 'powerLoss')
    await bench.devices.act('b8', 'powerOn')
    expect(Math.abs((await waitOf('b8')) - b8)).toBeLessThanOrEqual(2)
  })
})

describe('power loss of a device that tries to connect', () => {
  it('is not undone by what its worker said just before', async () => {
    const { bench, broker } = stage
    broker.connack = { returnCode: 3 }
    const ids = Array.from({ length: 10 }, (_, i) => `f${i}`)
    const source = script(`return { client: { reconnect: { after: 0, max: 0 } } }`)
    bench.run(Object.fromEntries(ids.map((id) => [id, source])))
    for (let i = 0; i < 5; i++) {
      await until('all try again and again', () => ids.every((id) => bench.snapshot(id).attempts > 2))
      await Promise.all(ids.map((id) => bench.devices.act(id, 'powerLoss')))
      expect(new Set(ids.map((id) => bench.snapshot(id).state))).toEqual(new Set(['power lost']))
      await Promise.all(ids.map((id) => bench.devices.act(id, 'powerOn')))
    }
  })
})
