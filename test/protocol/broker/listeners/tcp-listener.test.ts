import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectionInfo } from '../../../../main/broker/connection-info.ts'
import type { Listener } from '../../../../main/broker/listeners/listener.ts'
import { listenTcp } from '../../../../main/broker/listeners/tcp-listener.ts'
import { until } from '../../../helpers/until.ts'

const host = '127.0.0.1'
const listeners: Listener[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

async function start(port = 0): Promise<Listener> {
  const listener = await listenTcp({ host, port })
  listeners.push(listener)
  return listener
}

function dial(port: number): Socket {
  const socket = connect({ host, port })
  sockets.push(socket)
  return socket
}

describe('listenTcp', () => {
  it('hands over sockets that have not lost an octet', async () => {
    const listener = await start()
    const taken: Socket[] = []
    listener.onArrival(({ carrier }) => taken.push(carrier))
    dial(listener.port).write('early')
    const socket = await until('a socket is taken', () => taken[0])
    sockets.push(socket)
    expect(socket.isPaused()).toBe(true)
    const [octets] = await Promise.all([once(socket, 'data'), socket.resume()])
    expect(String(octets)).toBe('early')
  })

  it('says where it is reached, and by whom', async () => {
    const listener = await start()
    expect(listener).toMatchObject({ transport: 'tcp', host, url: `mqtt://127.0.0.1:${listener.port}` })
    const infos: ConnectionInfo[] = []
    listener.onArrival(({ info, carrier }) => {
      sockets.push(carrier)
      infos.push(info)
    })
    const client = dial(listener.port)
    const info = await until('it is taken', () => infos[0])
    const remote = `127.0.0.1:${client.localPort}`
    expect(info).toEqual({ transport: 'tcp', remote, certificate: undefined, tls: undefined })
  })

  it('closes a socket that nobody wants', async () => {
    const listener = await start()
    await once(dial(listener.port), 'close')
  })

  it('says in plain words that a port is taken, and what to do', async () => {
    const { port } = await start()
    await expect(listenTcp({ host, port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: `port ${port} is in use by another program`,
      hint: 'choose another with --mqtt, or 0 for any',
    })
  })

  it('says what is wrong with an address or a port', async () => {
    await expect(listenTcp({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: '192.0.2.1 is not an address of this machine',
    })
    await expect(listenTcp({ host, port: 70_000 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: '70000 is not a port',
    })
  })

  it('frees its port when it closes, also while sockets are open', async () => {
    const listener = await start()
    let taken = 0
    listener.onArrival(({ carrier }) => {
      sockets.push(carrier)
      taken += 1
    })
    dial(listener.port)
    await until('it is taken', () => taken === 1)
    await listener.close()
    await listener.close()
    expect((await start(listener.port)).port).toBe(listener.port)
  })
})
