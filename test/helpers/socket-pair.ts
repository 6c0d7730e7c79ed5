import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { listenTcp } from '../../main/broker/listeners/tcp-listener.ts'

/** Two ends of a real TCP connection: the one that connected, and the one that the listener took. */
export async function openSocketPair(): Promise<{ client: Socket; server: Socket }> {
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 })
  const accepted = new Promise<Socket>((resolve) => {
    listener.onArrival(({ carrier }) => resolve(carrier))
  })
  const client = connect({ host: '127.0.0.1', port: listener.port, noDelay: true, allowHalfOpen: true })
  await once(client, 'connect')
  const server = await accepted
  await listener.close()
  return { client, server }
}
