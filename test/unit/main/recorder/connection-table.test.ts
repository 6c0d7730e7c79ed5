import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { ConnectionSnapshot } from '../../../../app/contract/contract.ts'
import { ConnectionTable } from '../../../../main/recorder/connection-table.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const ping = Uint8Array.of(0xc0, 0)

function createTable() {
  const clock = new FakeClock()
  const table = new ConnectionTable({ clock })
  const told: { changed: ConnectionSnapshot[]; removed: number[] }[] = []
  table.onChanged((changes) => told.push(changes))
  const open = (id: number) => table.event(id, { type: 'opened', transport: 'tcp', remote: `127.0.0.1:${id}` })
  const close = (id: number) => table.event(id, { type: 'closed', by: 'client', cause: 'fin' })
  const connect = (id: number, clientId: string) =>
    table.packet(
      id,
      'to broker',
      generate({ cmd: 'connect', clientId, protocolVersion: 4, keepalive: 10, clean: true }),
      false,
    )
  return { clock, table, told, open, close, connect }
}

describe('ConnectionTable', () => {
  it('knows who is there, since when, and when the client was last heard', () => {
    const { clock, table, open, connect } = createTable()
    const since = clock.now()
    open(1)
    expect(table.get(1)).toEqual({ id: 1, remote: '127.0.0.1:1', open: true, since, packets: 0 })
    connect(1, 'pump-01')
    clock.advance(500)
    table.packet(1, 'to client', Uint8Array.of(0x20, 2, 0, 0), false)
    expect(table.list()).toEqual([
      {
        id: 1,
        remote: '127.0.0.1:1',
        open: true,
        since,
        packets: 2,
        clientId: 'pump-01',
        protocolVersion: 4,
        keepAlive: 10,
        lastFromClientAt: since,
      },
    ])
    table.packet(1, 'to broker', ping, false)
    expect(table.get(1)?.lastFromClientAt).toBe(since + 500)
  })

  it('does not believe a second CONNECT, and does not count what is no packet', () => {
    const { table, open, connect } = createTable()
    open(1)
    connect(1, 'pump-01')
    connect(1, 'somebody-else')
    table.packet(1, 'to broker', ping, 'cut short')
    expect(table.get(1)).toMatchObject({ clientId: 'pump-01', packets: 2 })
    expect(table.packets).toBe(2)
  })

  it('finds the newest open connection of a client, also after a takeover', () => {
    const { table, open, close, connect } = createTable()
    open(1)
    connect(1, 'pump-01')
    open(2)
    connect(2, 'pump-01')
    close(1)
    expect(table.openOf('pump-01')?.id).toBe(2)
    close(2)
    expect(table.openOf('pump-01')).toBeUndefined()
    expect(table.clients).toBe(0)
  })

  it('takes the name that the broker gives to a client without one', () => {
    const { table, open, connect } = createTable()
    open(1)
    open(2)
    connect(1, '')
    connect(2, '')
    expect(table.clients).toBe(2)
    expect(table.openOf('')).toBeUndefined()
    table.identify(1, 'anonymous-1')
    table.identify(1, 'another')
    expect(table.get(1)?.clientId).toBe('anonymous-1')
    expect(table.openOf('anonymous-1')?.id).toBe(1)
  })

  it('remembers the newest thousand that are closed', () => {
    const { clock, table, told, open, close } = createTable()
    for (let id = 1; id <= 1002; id++) open(id)
    for (let id = 1; id <= 1002; id++) close(id)
    expect(table.list()).toHaveLength(1000)
    expect(table.get(2)).toBeUndefined()
    expect(table.get(3)?.open).toBe(false)
    clock.advance(20)
    expect(told.at(-1)?.removed).toEqual([1, 2])
  })

  it('says soon who has come or gone, and at leisure how much was sent', () => {
    const { clock, table, told, open, connect } = createTable()
    open(1)
    connect(1, 'pump-01')
    clock.advance(20)
    expect(told).toHaveLength(1)
    expect(told[0]?.changed).toMatchObject([{ id: 1, clientId: 'pump-01', packets: 1 }])
    for (let n = 0; n < 100; n++) table.packet(1, 'to broker', ping, false)
    clock.advance(249)
    expect(told).toHaveLength(1)
    clock.advance(1)
    expect(told).toHaveLength(2)
    expect(told[1]?.changed).toMatchObject([{ packets: 101 }])
  })

  it('hands out copies', () => {
    const { table, open } = createTable()
    open(1)
    const before = table.get(1)
    table.packet(1, 'to broker', ping, false)
    expect(before?.packets).toBe(0)
  })
})
