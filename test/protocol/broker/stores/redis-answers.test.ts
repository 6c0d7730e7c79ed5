import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../../main/broker/stores/open-store.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { openEngine } from '../../../helpers/engine-bench.ts'
import { startRedis } from '../../../helpers/redis-server.ts'
import { until } from '../../../helpers/until.ts'

const open = (url: string) => openStore({ type: 'redis', url }, systemClock)

async function adminOf(url: string): Promise<Redis> {
  const admin = new Redis(url, { lazyConnect: true })
  onTestFinished(() => admin.disconnect())
  await admin.connect()
  return admin
}

describe('a store in Redis', () => {
  it('is no other database where Redis does not have the one that was asked for', async () => {
    const { port, url } = await startRedis()
    await expect(open(`redis://127.0.0.1:${port}/99`)).rejects.toMatchObject({
      code: 'connection-closed',
      message: `the store in Redis at 127.0.0.1:${port}/99 cannot be used: it has no such database`,
      hint: expect.stringContaining('0 to 15'),
    })
    expect(await (await adminOf(url)).dbsize()).toBe(0)
  })

  it('is no other database where Redis comes back without the one that it had', async () => {
    const { port, url } = await startRedis()
    const store = await open(`redis://127.0.0.1:${port}/15`)
    const problems: string[] = []
    const { engine } = await openEngine({ store, onProblem: ({ message }) => problems.push(message) })
    const admin = await adminOf(url)
    await admin.call('ACL', 'SETUSER', 'default', '-select')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    engine.publish({ topic: 'a', payload: Buffer.from('x'), qos: 1, retain: true })
    await until('it is failing', () => engine.outbox?.isFailing === true)
    await admin.call('ACL', 'SETUSER', 'default', '+select')
    await until('it is written', () => engine.outbox?.isFailing === false)
    expect(await admin.dbsize()).toBe(0)
    await engine.close()
  })

  it('does not keep the first who comes while it is away waiting until its time is over', async () => {
    const redis = await startRedis()
    const store = await open(redis.url)
    // Longer than anybody here waits.
    const bench = await openEngine({ store, limits: { connectTimeout: 300_000 }, onProblem: () => {} })
    await redis.stop()
    const client = await ConformanceClient.open(bench, 5, 20_000)
    onTestFinished(() => void client.socket.destroy())
    expect(await client.connect({ id: 'first' })).toMatchObject({ code: 0x88 })
    await client.closing()
    await redis.again()
  })

  it('says that it wants a password, or another one, and where that is put', async () => {
    const { port, url } = await startRedis()
    await (await adminOf(url)).config('SET', 'requirepass', 'secret')
    await expect(open(url)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be used: it wants a password$/),
      hint: expect.stringContaining('redis://USER:PASSWORD@HOST:PORT/DB'),
    })
    await expect(open(`redis://:other@127.0.0.1:${port}/0`)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be used: it does not know this user with this password$/),
    })
  })

  it('says that it is a replica', async () => {
    const { url } = await startRedis()
    const admin = await adminOf(url)
    await admin.config('SET', 'replica-serve-stale-data', 'yes')
    await admin.replicaof('127.0.0.1', 1)
    await expect(open(url)).rejects.toMatchObject({ message: expect.stringContaining('it is a replica') })
  })

  it('is no broker', async () => {
    const { port } = await openEngine()
    await expect(open(`redis://127.0.0.1:${port}/0`)).rejects.toMatchObject({
      message: expect.stringContaining('what listens there does not answer as a Redis does'),
    })
  })
})
