import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { socketConnection } from '../../../main/link/socket-connection.ts'
import { webSocketConnection } from '../../../main/link/web-socket-connection.ts'

const loopbacks = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])

describe('webSocketConnection', () => {
  it.runIf(loopbacks.includes('::1'))('knows its address as a TCP connection does, also of IPv6', async () => {
    const server = new WebSocketServer({ host: '::1', port: 0 })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const client = new WebSocket(`ws://[::1]:${port}`)
    onTestFinished(() => client.terminate())
    const [[webSocket, { socket }]] = await Promise.all([once(server, 'connection'), once(client, 'open')])
    const { remote } = webSocketConnection(webSocket, socket)
    expect(remote).toMatch(/^\[::1\]:\d+$/)
    expect(remote).toBe(socketConnection(socket).remote)
  })
})
