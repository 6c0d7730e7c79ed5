import { afterEach, describe, expect, it } from 'vitest'
import type { RefusalOrder } from '../../../main/broker/access/refusals.ts'
import { ConformanceClient } from '../../helpers/conformance-client.ts'
import { type EngineBench, openEngine } from '../../helpers/engine-bench.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import type { Connect, Version } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'

const clients: ConformanceClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.destroy()
})

async function open(address: { host: string; port: number }, version: Version): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(address, version)
  clients.push(client)
  return client
}

async function refused(bench: EngineBench, order: RefusalOrder, version: Version, options: Connect = {}) {
  bench.engine.refuse(order)
  const client = await open(bench, version)
  const answer = await client.connect({ id: 'device', ...options })
  // Nothing comes after it, and the connection ends [MQTT-3.2.2-5, in MQTT 5 MQTT-3.2.2-7].
  expect(await client.closing()).toEqual([])
  return answer
}

/** Every Reason Code of CONNACK in MQTT 5 that says no [MQTT 5 §3.2.2.2]. */
const codes5 = [
  0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c,
  0x9d, 0x9f,
]

describe('a refusal on purpose', () => {
  it.each(codes5)('answers a client of MQTT 5 with 0x%x, in words as well', async (code) => {
    const bench = await openEngine()
    const answer = await refused(bench, { code, reason: 'because' }, 5)
    expect(answer.code).toBe(code)
    expect(property(answer, 'reasonString')).toBe('because')
    expect(bench.engine.counters).toMatchObject({ connectionsRefused: 1, connectionsAccepted: 0 })
  })

  it.each([
    [1, 0x84],
    [2, 0x85],
    [3, 0x88],
    [3, 0x89],
    [3, 0x97],
    [3, 0x9c],
    [4, 0x86],
    [5, 0x87],
    [5, 0x8a],
  ])('answers a client of 3.1.1 and 3.1 with Return Code %i for 0x%x', async (returnCode, code) => {
    const bench = await openEngine()
    for (const version of [3, 4] as const) {
      expect((await refused(bench, { code, reason: 'because' }, version)).code).toBe(returnCode)
    }
  })

  it('names the broker to go to', async () => {
    const bench = await openEngine()
    const order = { code: 0x9d, reason: 'moved', serverReference: 'other.example:1883' }
    expect(property(await refused(bench, order, 5), 'serverReference')).toBe('other.example:1883')
  })

  it('lasts until it is taken back, or for so many CONNECTs, and is for some clients only', async () => {
    const bench = await openEngine()
    const join = async (id: string) => {
      const client = await open(bench, 4)
      return (await client.connect({ id })).code
    }
    bench.engine.refuse({ code: 0x88, reason: 'down' })
    expect([await join('a'), await join('b')]).toEqual([3, 3])
    bench.engine.refuse(undefined)
    expect(await join('a')).toBe(0)
    bench.engine.refuse({ code: 0x87, reason: 'no', times: 2 })
    expect([await join('a'), await join('b'), await join('a')]).toEqual([5, 5, 0])
    bench.engine.refuse({ code: 0x85, reason: 'no', clients: 'pump-*' })
    expect([await join('pump-1'), await join('meter-1'), await join('pump-2')]).toEqual([2, 0, 2])
  })

  it('leaves clients that are there alone, and their Sessions', async () => {
    const bench = await openEngine()
    const client = await open(bench, 4)
    await client.connect({ id: 'device', clean: false })
    await client.subscribe([['a', 1]])
    await refused(bench, { code: 0x88, reason: 'down' }, 4, { id: 'device' })
    await client.publish('a', 'still here', { qos: 1 })
    expect((await client.take()).payload.toString()).toBe('still here')
  })
})

describe('the contract', () => {
  it('orders a refusal and takes it back', async () => {
    const { caller, port } = await openWorkbench()
    const say = () => new Mosquitto('mosquitto_pub', port, '-V', 'mqttv5', '-t', 'a', '-m', 'b').exited()
    await caller.call('broker.refuse', { code: 0x89, reason: 'overload' })
    expect(await say()).toBe(0x89)
    await caller.call('broker.refuse', {})
    expect(await say()).toBe(0)
    await expect(caller.call('broker.refuse', { reason: 'without a code' })).rejects.toThrow('code')
  })

  it('holds several refusals, tells how often each has refused, and takes one back', async () => {
    const { caller, port, urls } = await openWorkbench({ ports: { ws: 0 } })
    const say = (id: string) =>
      new Mosquitto('mosquitto_pub', port, '-V', 'mqttv5', '-i', id, '-t', 'a', '-m', 'b').exited()
    await caller.call('broker.refuse', { code: 0x8a, reason: 'go away', clients: 'pump-*', beside: true })
    await caller.call('broker.refuse', { code: 0x97, times: 2, beside: true })
    expect([await say('pump-1'), await say('valve')]).toEqual([0x8a, 0x97])
    const { listeners, refusals, store } = await caller.call('broker.state', {})
    expect(listeners.map(({ exposure, url }) => [url, exposure])).toEqual(urls.map((url) => [url, undefined]))
    expect(store).toEqual({ type: 'memory' })
    expect(refusals).toEqual([
      expect.objectContaining({ code: 0x8a, clients: 'pump-*', reason: 'go away', refused: 1 }),
      expect.objectContaining({ code: 0x97, times: 2, refused: 1 }),
    ])
    await caller.call('broker.letIn', { id: refusals[0]?.id ?? 0 })
    expect([await say('pump-1'), await say('pump-1')]).toEqual([0x97, 0])
    expect((await caller.call('broker.state', {})).refusals).toEqual([])
    expect(await caller.call('broker.letIn', { id: 1 })).toEqual({})
  })

  it('changes limits while the broker runs, and shows all of them', async () => {
    const { caller, port } = await openWorkbench({
      files: { 'faultline.json': '{ "broker": { "limits": { "maxQueued": 7, "queuePolicy": "drop newest" } } }' },
    })
    expect(await caller.call('broker.limits', {})).toMatchObject({
      maxQueued: 7,
      queuePolicy: 'drop newest',
      maxQoS: 2,
    })
    expect(await caller.call('broker.limits', { maxConnections: 0 })).toMatchObject({ maxConnections: 0, maxQueued: 7 })
    for (const [version, code] of [
      [4, 3],
      [5, 0x89],
    ] as const) {
      const client = await open({ host: '127.0.0.1', port }, version)
      expect((await client.connect({ id: 'one too many' })).code).toBe(code)
    }
    await caller.call('broker.limits', { maxConnections: 1 })
    const client = await open({ host: '127.0.0.1', port }, 5)
    expect((await client.connect({ id: 'the one' })).code).toBe(0)
    await expect(caller.call('broker.limits', { maxInflight: 0 })).rejects.toThrow('maxInflight')
  })
})
