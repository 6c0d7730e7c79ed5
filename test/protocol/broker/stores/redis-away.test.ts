import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../../main/broker/stores/open-store.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { openEngine } from '../../../helpers/engine-bench.ts'
import { publish } from '../../../helpers/mqtt-octets.ts'
import { type RedisServer, startRedis } from '../../../helpers/redis-server.ts'
import { until } from '../../../helpers/until.ts'

async function openBroker({ url }: RedisServer) {
  const problems: string[] = []
  const store = await openStore({ type: 'redis', url }, systemClock)
  const bench = await openEngine({ store, onProblem: ({ message }) => problems.push(message) })
  const join = async (id: string) => {
    const client = await ConformanceClient.open(bench, 5, 30_000)
    onTestFinished(() => void client.socket.destroy())
    const connack = await client.connect({ id, clean: false, properties: [['sessionExpiryInterval', 3600]] })
    return { client, connack }
  }
  return { ...bench, join, problems }
}

describe('a broker whose Redis is away', () => {
  it('refuses who comes, keeps who is there, and has lost nothing when one comes back that is empty', async () => {
    const redis = await startRedis()
    const { engine, join, problems } = await openBroker(redis)
    const meter = (await join('meter')).client
    await meter.subscribe([['a/#', 1]])
    await meter.disconnect()
    const gone = (await join('gone')).client
    const pump = (await join('pump')).client
    await pump.publish('a/1', 'before', { qos: 1 })
    await pump.publish('b', 'kept', { qos: 1, retain: true })
    pump.send(publish(5, 'c', 'received', { qos: 2, packetId: 7 }))
    await pump.receive('PUBREC')
    await redis.stop()
    pump.send(publish(5, 'a/2', 'meanwhile', { qos: 1, packetId: 8 }))
    await until('it is failing', () => engine.outbox?.isFailing === true)
    const refused = await join('other')
    expect(refused.connack).toMatchObject({ code: 0x88 })
    await refused.client.closing()
    gone.socket.end()
    await until('who has gone is let go', () => engine.connected === 1)
    expect(pump.unread).toEqual([])

    const again = await redis.again()
    expect(await pump.receive('PUBACK')).toMatchObject({ packetId: 8 })
    await until('it says so', () => problems.some((line) => line.includes('is written again, after')))
    expect(problems.join('\n')).toMatch(/cannot be written: .*\n/)
    expect(problems.filter((line) => line.includes('has lost all that was in it'))).toHaveLength(1)
    pump.send(publish(5, 'c', 'received', { qos: 2, packetId: 7, dup: true }))
    await pump.receive('PUBREC')
    await engine.close()

    const successor = await openBroker(again)
    const back = await successor.join('meter')
    expect(back.connack).toMatchObject({ code: 0, sessionPresent: true })
    expect((await back.client.takeAll(2)).map(({ text }) => text)).toEqual(['before', 'meanwhile'])
    await back.client.subscribe([['b', 1]])
    expect(await back.client.take()).toMatchObject({ text: 'kept', retain: true })
    expect((await successor.join('pump')).connack.sessionPresent).toBe(true)
  })
})
