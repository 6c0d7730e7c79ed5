import { afterEach, describe, expect, it } from 'vitest'
import { refusalCodes } from '../../../app/contract/broker.ts'
import { ConformanceClient } from '../../helpers/conformance-client.ts'
import { openEngine } from '../../helpers/engine-bench.ts'
import { ack, publish, unsubscribe, type Version } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'

const clients: ConformanceClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.destroy()
})

async function join(address: { host: string; port: number }, version: Version, id: string): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(address, version)
  clients.push(client)
  await client.connect({ id })
  return client
}

describe('a PUBLISH that is refused on purpose', () => {
  it.each(refusalCodes.PUBLISH)('is answered with 0x%x in PUBACK and PUBREC, and goes nowhere', async (code) => {
    const bench = await openEngine()
    const publisher = await join(bench, 5, 'pump-1')
    const watcher = await join(bench, 5, 'watcher')
    await watcher.subscribe([['a', 2]])
    bench.engine.refuse({ packet: 'PUBLISH', code, reason: 'because' })
    for (const qos of [1, 2] as const) {
      const answer = await publisher.publish('a', 'no', { qos })
      expect(answer?.code).toBe(code)
      expect(answer && property(answer, 'reasonString')).toBe('because')
    }
    await publisher.publish('a', 'no')
    bench.engine.refuse(undefined, 'PUBLISH')
    await publisher.publish('a', 'yes', { qos: 2 })
    expect((await watcher.take()).payload.toString()).toBe('yes')
    expect(bench.engine.counters.denied).toBe(3)
  })

  it('is acknowledged in 3.1.1, and goes nowhere [MQTT-3.3.5-2]', async () => {
    const bench = await openEngine()
    const client = await join(bench, 4, 'pump-1')
    await client.subscribe([['a', 2]])
    bench.engine.refuse({ packet: 'PUBLISH', code: 0x97, reason: 'full' })
    for (const qos of [0, 1, 2] as const) await client.publish('a', 'no', { qos })
    bench.engine.refuse(undefined, 'PUBLISH')
    await client.publish('a', 'yes', { qos: 1 })
    expect((await client.take()).payload.toString()).toBe('yes')
  })

  it('is taken in at QoS 2 all the same: what is sent again goes nowhere either [MQTT-4.3.3-2]', async () => {
    const bench = await openEngine()
    for (const [version, code] of [
      [4, 0x97],
      [5, 0x10],
    ] as const) {
      const client = await join(bench, version, `pump-${version}`)
      await client.subscribe([['a', 0]])
      bench.engine.refuse({ packet: 'PUBLISH', code, reason: 'no', times: 1 })
      client.send(publish(version, 'a', '', { qos: 2, packetId: 9 }))
      await client.receive('PUBREC')
      client.send(publish(version, 'a', '', { qos: 2, packetId: 9, dup: true }))
      await client.receive('PUBREC')
      client.send(ack('PUBREL', 9))
      expect((await client.receive('PUBCOMP')).code).toBe(0)
      await client.expectNothing()
    }
  })

  it('is refused for some clients, under some topics, so many times', async () => {
    const bench = await openEngine()
    bench.engine.refuse({
      packet: 'PUBLISH',
      code: 0x90,
      reason: 'no',
      clients: 'pump-*',
      topic: 'plant/+/raw',
      times: 2,
    })
    const pump = await join(bench, 5, 'pump-1')
    const meter = await join(bench, 5, 'meter-1')
    const said = async (client: ConformanceClient, topic: string) => (await client.publish(topic, '', { qos: 1 }))?.code
    expect(await said(meter, 'plant/1/raw')).toBe(0x10)
    expect(await said(pump, 'plant/1/raw/x')).toBe(0x10)
    expect(await said(pump, 'plant/1/raw')).toBe(0x90)
    expect(await said(pump, 'plant/2/raw')).toBe(0x90)
    expect(await said(pump, 'plant/2/raw')).toBe(0x10)
  })

  it('leaves a QoS 2 handshake that is under way alone', async () => {
    const bench = await openEngine()
    const client = await join(bench, 5, 'pump-1')
    client.send(publish(5, 'a', '', { qos: 2, packetId: 9 }))
    expect((await client.receive('PUBREC')).code).toBe(0x10)
    bench.engine.refuse({ packet: 'PUBLISH', code: 0x97, reason: 'full' })
    client.send(publish(5, 'a', '', { qos: 2, packetId: 9, dup: true }))
    expect((await client.receive('PUBREC')).code).toBe(0)
    client.send(ack('PUBREL', 9))
    expect((await client.receive('PUBCOMP')).code).toBe(0)
    expect(bench.engine.refusals.list()).toMatchObject([{ refused: 0 }])
  })
})

describe('a SUBSCRIBE that is refused on purpose', () => {
  it.each(refusalCodes.SUBSCRIBE)(
    // MQTT 3.1 §3.8: "it has no way of informing that client. It must therefore make a positive acknowledgement".
    'is answered with 0x%x for each filter it is about, with 0x80 in 3.1.1, and as if it were none in 3.1',
    async (code) => {
      const bench = await openEngine()
      bench.engine.refuse({ packet: 'SUBSCRIBE', code, reason: 'because', topic: 'no/#' })
      for (const version of [3, 4, 5] as const) {
        const client = await join(bench, version, `client-${version}`)
        const { codes } = await client.subscribe([
          ['no/1', 1],
          ['yes', 1],
          ['$share/g/no/+', 1],
          ['#', 0],
        ])
        const no = { 3: 1, 4: 0x80, 5: code }[version]
        expect(codes).toEqual([no, 1, no, 0])
        await client.unsubscribe(['#'])
        await client.publish('no/1', '')
        await client.expectNothing()
      }
    },
  )
})

describe('an UNSUBSCRIBE that is refused on purpose', () => {
  it.each(refusalCodes.UNSUBSCRIBE)('is answered with 0x%x, and the Subscription stays', async (code) => {
    const bench = await openEngine()
    const client = await join(bench, 5, 'device')
    await client.subscribe([
      ['a', 0],
      ['b', 0],
    ])
    bench.engine.refuse({ packet: 'UNSUBSCRIBE', code, reason: 'because', times: 1 })
    expect((await client.unsubscribe(['a', 'b'])).codes).toEqual([code, 0])
    await client.publish('b', 'gone')
    await client.publish('a', 'still')
    expect((await client.take()).payload.toString()).toBe('still')
  })

  it('ends the Network Connection in 3.1.1: no answer says no [MQTT-4.8.0-2]', async () => {
    const bench = await openEngine()
    const client = await join(bench, 4, 'device')
    await client.subscribe([['a', 0]])
    bench.engine.refuse({ packet: 'UNSUBSCRIBE', code: 0x80, reason: 'because' })
    client.send(unsubscribe(4, 77, ['a']))
    expect(await client.closing()).toEqual([])
  })
})

describe('the contract', () => {
  it('orders refusals of each type of packet, shows them, and takes them back one by one', async () => {
    const { caller, port } = await openWorkbench()
    await caller.call('broker.refuse', { packet: 'PUBLISH', code: 0x97, topic: 'a/#' })
    await caller.call('broker.refuse', { packet: 'SUBSCRIBE', code: 0x9e })
    await caller.call('broker.refuse', { packet: 'PUBLISH', code: 0x99, topic: 'b/#', beside: true })
    const client = await join({ host: '127.0.0.1', port }, 5, 'device')
    const code = async (topic: string) => (await client.publish(topic, '', { qos: 1 }))?.code
    expect([await code('a/1'), await code('b'), await code('c')]).toEqual([0x97, 0x99, 0x10])
    expect((await client.subscribe([['x', 0]])).codes).toEqual([0x9e])
    const { refusals } = await caller.call('broker.state', {})
    expect(refusals).toMatchObject([
      { packet: 'PUBLISH', code: 0x97, topic: 'a/#', refused: 1 },
      { packet: 'SUBSCRIBE', code: 0x9e, refused: 1 },
      { packet: 'PUBLISH', code: 0x99, topic: 'b/#', refused: 1 },
    ])
    await caller.call('broker.refuse', { packet: 'PUBLISH' })
    expect([await code('a/1'), await code('b')]).toEqual([0x10, 0x10])
    expect((await caller.call('broker.state', {})).refusals).toMatchObject([{ packet: 'SUBSCRIBE' }])
  })

  it('takes only codes that the answer can have, and topics where there are some', async () => {
    const { caller } = await openWorkbench()
    const no = (params: Parameters<typeof caller.call<'broker.refuse'>>[1], words: string) =>
      expect(caller.call('broker.refuse', params)).rejects.toThrow(words)
    await no({ packet: 'PUBLISH', code: 0x8f }, 'code')
    await no({ packet: 'SUBSCRIBE', code: 0x90 }, 'code')
    await no({ packet: 'UNSUBSCRIBE', code: 0x97 }, 'code')
    await no({ code: 0x10 }, 'code')
    await no({ code: 0x97, topic: 'a' }, 'topic')
    await no({ packet: 'PUBLISH', code: 0x97, topic: 'a+' }, 'topic')
    await no({ packet: 'PUBLISH', topic: 'a' }, 'code')
  })
})
