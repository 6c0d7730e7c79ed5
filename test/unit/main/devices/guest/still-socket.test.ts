import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { StillSocket } from '../../../../../main/devices/guest/still-socket.ts'
import { nodeClock } from '../../../../../main/devices/node-clock.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { until } from '../../../../helpers/until.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function openPair(): Promise<{ mine: Socket; other: Socket }> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const mine = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [other] = (await once(server, 'connection')) as [Socket]
  ends.push(() => {
    mine.destroy()
    other.destroy()
    server.close()
  })
  return { mine, other }
}

/** A client's socket that is read by a pipe, as MQTT.js does it, and the other end. */
async function setUp(): Promise<{
  still: StillSocket
  mine: Socket
  other: Socket
  read: () => string
  heard: () => string
}> {
  const { mine, other } = await openPair()
  let read = ''
  let heard = ''
  other.on('data', (octets) => {
    heard += octets.toString()
  })
  const still = new StillSocket(nodeClock(0))
  still.take(mine, () => mine.destroy())
  still.accepted()
  mine.pipe(
    new Writable({
      write(octets: Buffer, _encoding, done) {
        read += octets.toString()
        done()
      },
    }),
  )
  other.write('before')
  await until('it reads', () => read === 'before')
  return { still, mine, other, read: () => read, heard: () => heard }
}

describe('a socket that stands still', () => {
  it('is not read, even by a pipe that has room again, until it goes on', async () => {
    const { still, mine, other, read } = await setUp()
    still.hang()
    mine.resume()
    other.write(' meanwhile')
    await until('the system has it', () => mine.readableLength > 0)
    expect(read()).toBe('before')
    still.wake()
    await until('it is read', () => read() === 'before meanwhile')
  })

  it('sends nothing of what is written, until it goes on', async () => {
    const { still, mine, other, heard } = await setUp()
    still.hang()
    mine.write('late')
    other.write('x')
    await until('octets have gone the other way', () => mine.readableLength > 0)
    expect([mine.writableLength, heard()]).toEqual([4, ''])
    still.wake()
    await until('it is sent', () => heard() === 'late')
  })

  it('does not answer that the other end closes, until it goes on', async () => {
    const { still, mine, other } = await setUp()
    const closed = once(other, 'end')
    still.hang()
    other.end()
    await until('the system knows', () => mine.readableEnded)
    expect(mine.writableEnded).toBe(false)
    still.wake()
    await closed
    expect(mine.writableEnded).toBe(true)
  })

  it('that is a new one while the program stands still does so too', async () => {
    const { still } = await setUp()
    still.hang()
    const { mine: next, other } = await openPair()
    still.take(next, () => next.destroy())
    next.write('late')
    expect(next.writableLength).toBe(4)
    still.wake()
    const [heard] = (await once(other, 'data')) as [Buffer]
    expect(heard.toString()).toBe('late')
  })
})

describe('the timers of a client that stands still', () => {
  it('skip their turns, and go on with the next one after it', () => {
    const clock = new FakeClock()
    const still = new StillSocket(clock)
    let turns = 0
    const timer = still.timers.set(() => {
      turns++
      if (turns === 3) still.timers.clear(timer)
    }, 100)
    clock.advance(150)
    expect(turns).toBe(1)
    still.hang()
    clock.advance(1000)
    expect(turns).toBe(1)
    still.wake()
    clock.advance(1000)
    expect([turns, clock.waiting]).toEqual([3, 0])
  })

  it('wait half a minute for CONNACK, and not while it stands still', async () => {
    const { mine } = await openPair()
    const clock = new FakeClock()
    const still = new StillSocket(clock)
    let gaveUp = 0
    still.take(mine, () => gaveUp++)
    clock.advance(29_999)
    still.hang()
    clock.advance(60_000)
    expect(gaveUp).toBe(0)
    still.wake()
    clock.advance(30_000)
    expect(gaveUp).toBe(1)
  })
})
