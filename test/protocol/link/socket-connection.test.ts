import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { socketConnection } from '../../../main/link/socket-connection.ts'
import { ConnectionLog } from '../../helpers/connection-log.ts'
import { openSocketPair } from '../../helpers/socket-pair.ts'
import { until } from '../../helpers/until.ts'

const opened: { destroy(): unknown }[] = []

async function openConnection() {
  const { client, server } = await openSocketPair()
  opened.push(client, server)
  const connection = socketConnection(server)
  const log = new ConnectionLog(connection)
  return { client, server, connection, log }
}

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

describe('socketConnection', () => {
  it('knows its address', async () => {
    const { client, connection } = await openConnection()
    expect(connection.remote).toBe(`127.0.0.1:${client.localPort}`)
  })

  it('hears nothing before it is resumed, and loses nothing', async () => {
    const { client, connection, log } = await openConnection()
    client.write('hello')
    await until('the octets have left', () => client.bytesWritten === 5)
    expect(log.chunks).toEqual([])
    connection.resume()
    await until('the octets are heard', () => log.heard.toString() === 'hello')
  })

  it('sends together what was written together, in order', async () => {
    const { client, server, connection } = await openConnection()
    const write = vi.spyOn(server, 'write')
    const chunks: string[] = []
    client.on('data', (octets) => chunks.push(octets.toString()))
    for (const word of ['a', 'b', 'c']) connection.write(Buffer.from(word))
    expect(write).not.toHaveBeenCalled()
    await until('all is received', () => chunks.join('') === 'abc')
    expect(write).toHaveBeenCalledOnce()
  })

  it('writes to very many in several turns, to each once and in the order in which it was asked', async () => {
    const all = await Promise.all(Array.from({ length: 250 }, openConnection))
    const order: number[] = []
    const received = all.map(({ client, server }, index) => {
      const write = server.write.bind(server)
      vi.spyOn(server, 'write').mockImplementation((octets: string | Uint8Array) => {
        order.push(index)
        return write(octets)
      })
      const chunks: string[] = []
      client.on('data', (octets) => chunks.push(octets.toString()))
      return chunks
    })
    for (const { connection } of all) connection.write(Buffer.from('a'))
    await new Promise(setImmediate)
    expect(order.length).toBeGreaterThan(0)
    expect(order.length).toBeLessThan(250)
    // Those that were written to are asked again, behind the others; the others have both in one piece.
    for (const { connection } of all) connection.write(Buffer.from('b'))
    const first = order.length
    await until('all is received', () => received.every((chunks) => chunks.join('') === 'ab'))
    const numbers = Array.from({ length: 250 }, (_, index) => index)
    expect(order).toEqual([...numbers, ...numbers.slice(0, first)])
  })

  it('passes on FIN and can still write after it', async () => {
    const { client, connection, log } = await openConnection()
    connection.resume()
    client.end()
    await until('FIN is heard', () => log.calls.includes('ended'))
    connection.write(Buffer.from('late'))
    const [octets] = await once(client, 'data')
    expect(String(octets)).toBe('late')
    expect(log.calls).toEqual(['ended'])
    connection.end()
    await until('it is closed', () => log.isClosed)
    expect(log.calls).toEqual(['ended', 'closed fin'])
  })

  it('does not answer FIN with FIN by itself', async () => {
    const { client, connection, log } = await openConnection()
    let ended = false
    client.on('end', () => {
      ended = true
    })
    client.resume()
    connection.resume()
    client.end()
    await until('FIN is heard', () => log.calls.includes('ended'))
    connection.write(Buffer.from('x'))
    await until('an octet came back', () => client.bytesRead === 1)
    expect(ended).toBe(false)
  })

  it('hears RST', async () => {
    const { client, connection, log } = await openConnection()
    connection.resume()
    client.resetAndDestroy()
    await until('it is closed', () => log.isClosed)
    expect(log.calls).toEqual(['closed rst'])
    expect(log.reasons).toEqual([undefined])
  })

  it('sends a real RST', async () => {
    const { client, connection, log } = await openConnection()
    client.resume()
    const error = once(client, 'error')
    connection.reset()
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
    await until('it is closed', () => log.isClosed)
    expect(log.calls).toEqual(['closed local'])
    connection.reset()
    expect(connection.write(Buffer.from('x'))).toBe(true)
  })

  it('says when the peer is slow, and when there is room again', async () => {
    const { client, connection, log } = await openConnection()
    const piece = Buffer.alloc(64 * 1024)
    let written = piece.length
    while (connection.write(piece) && written < 1e9) {
      written += piece.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(written).toBeLessThan(64 * 1024 * 1024)
    client.resume()
    await until('it is drained', () => log.calls.includes('drained'))
    await until('all has arrived', () => client.bytesRead === written)
  })

  it('says that there is room again after a turn in which much was written, though the peer is fast', async () => {
    const { client, connection, log } = await openConnection()
    client.resume()
    const piece = Buffer.alloc(1000)
    let written = piece.length
    while (connection.write(piece)) written += piece.length
    expect(written).toBeGreaterThan(32 * 1024)
    expect(written).toBeLessThan(128 * 1024)
    await until('it is drained', () => log.calls.includes('drained'))
    await until('all has arrived', () => client.bytesRead === written)
  })

  it('sends what was written in the same turn before FIN, and before RST as far as the system takes it', async () => {
    const first = await openConnection()
    const heard: Buffer[] = []
    first.client.on('data', (octets) => heard.push(octets))
    first.connection.write(Buffer.from('one'))
    first.connection.write(Buffer.from('two'))
    first.connection.end()
    await once(first.client, 'end')
    expect(Buffer.concat(heard).toString()).toBe('onetwo')
    const second = await openConnection()
    second.connection.write(Buffer.from('one'))
    second.connection.reset()
    expect(second.server.bytesWritten).toBe(3)
  })

  it('lets the sender feel that it is paused', async () => {
    const { client, connection, log } = await openConnection()
    connection.resume()
    connection.pause()
    const piece = Buffer.alloc(64 * 1024)
    let written = piece.length
    while (client.write(piece) && written < 1e9) {
      written += piece.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(written).toBeLessThan(64 * 1024 * 1024)
    expect(log.heard.length).toBeLessThanOrEqual(64 * 1024)
    connection.resume()
    await until('all has arrived', () => log.heard.length === written)
  })
})
