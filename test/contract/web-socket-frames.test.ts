import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Caller } from '../../app/contract/caller.ts'
import { Responder } from '../../app/contract/responder.ts'
import { patience } from '../helpers/until.ts'
import { createHandlers } from './handlers.ts'
import { createWebSocketCarrier } from './transports.ts'

describe('a frame on a WebSocket that cannot be read', () => {
  let carrier: Awaited<ReturnType<typeof createWebSocketCarrier>>

  beforeAll(async () => {
    carrier = await createWebSocketCarrier()
  })
  afterAll(() => carrier.dispose())

  it.each([
    ['octets that MessagePack never uses', Uint8Array.of(0xc1)],
    ['MessagePack that is cut short', Uint8Array.of(0x92, 0x01)],
    ['MessagePack with more behind it', Uint8Array.of(0x01, 0x01)],
    ['nothing', new Uint8Array()],
    ['text', 'hello'],
  ])('closes that connection and no other: %s', async (_, frame) => {
    const bad = await carrier.open()
    const socket = carrier.sockets.at(-1)
    const good = await carrier.open()
    const closed = vi.fn()
    const heard = vi.fn()
    bad.screen.onClose(closed)
    bad.workbench.onMessage(heard)
    const problems = carrier.problems.length
    socket?.send(frame)
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), patience)
    expect(heard).not.toHaveBeenCalled()
    expect(carrier.problems).toHaveLength(problems + 1)
    new Responder(good.workbench, createHandlers())
    await expect(new Caller(good.screen).call('devices.list', {})).resolves.toEqual([])
    await good.dispose()
  })
})
