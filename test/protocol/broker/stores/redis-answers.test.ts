import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../../main/broker/stores/open-store.ts'
import { answersWithoutTls } from '../../../../main/broker/stores/plain-redis.ts'
import { inWords, noTls } from '../../../../main/broker/stores/redis-words.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { TestAuthority } from '../../../helpers/certificates.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { openEngine } from '../../../helpers/engine-bench.ts'
import { freePort } from '../../../helpers/ports.ts'
import { startRedis } from '../../../helpers/redis-server.ts'
import { patience, until } from '../../../helpers/until.ts'

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

  it('says of a Redis without TLS that it speaks none', async () => {
    const { port } = await startRedis()
    await expect(open(`rediss://127.0.0.1:${port}/0`)).rejects.toMatchObject({
      code: 'connection-closed',
      message: `the store in Redis at 127.0.0.1:${port}/0 cannot be reached: what listens there does not speak TLS; to one without, the URL begins with redis://`,
    })
    expect(await answersWithoutTls('127.0.0.1', port, AbortSignal.timeout(patience))).toBe(true)
  })

  it('is not taken for one without TLS where it says nothing, or something else, or speaks TLS', async () => {
    const { certificate, key } = await (await TestAuthority.create()).forBroker()
    const secure = createTlsServer({ cert: certificate, key })
    const closing = createServer((socket) => socket.end())
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    for (const server of [secure, closing, other]) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => void server.close())
      const { port } = server.address() as AddressInfo
      expect(await answersWithoutTls('127.0.0.1', port, AbortSignal.timeout(patience))).toBe(false)
    }
    expect(await answersWithoutTls('127.0.0.1', await freePort(), AbortSignal.timeout(patience))).toBe(false)
  })

  it('is not said to speak no TLS where it refuses the handshake for another reason', async () => {
    const authority = await TestAuthority.create()
    const { certificate, key } = await authority.forBroker()
    const server = createTlsServer({ cert: certificate, key, minVersion: 'TLSv1.3' })
    const plain = createServer((socket) => socket.on('error', () => {}).end('-ERR no TLS here\r\n'))
    const refusals: string[] = []
    for (const each of [server, plain]) {
      await once(each.listen(0, '127.0.0.1'), 'listening')
      onTestFinished(() => void each.close())
      const { port } = each.address() as AddressInfo
      const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate, maxVersion: 'TLSv1.2' })
      // The library writes before the handshake is over: then the system's code is EPROTO for all of it.
      socket.write('PING')
      const [refusal] = (await once(socket, 'error')) as [Error]
      refusals.push(inWords(refusal, true))
    }
    expect(refusals).toEqual([expect.stringMatching(/protocol version/), noTls])
  })

  it('says which hosts its certificate is for, and which one it is not for', async () => {
    const authority = await TestAuthority.create()
    const names = [
      { type: 'dns', value: 'redis.example' },
      { type: 'ip', value: '10.0.0.7' },
    ] as const
    const { certificate, key } = await authority.forBroker([...names])
    const server = createTlsServer({ cert: certificate, key }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate })
    const [refusal] = (await once(socket, 'error')) as [Error]
    expect(inWords(refusal, true)).toBe('its certificate is for redis.example, 10.0.0.7, not for 127.0.0.1')
  })

  it('is no broker', async () => {
    const { port } = await openEngine()
    await expect(open(`redis://127.0.0.1:${port}/0`)).rejects.toMatchObject({
      message: expect.stringContaining('what listens there does not answer as a Redis does'),
    })
  })
})
