import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../../app/capture/batch.ts'
import { compileFilter } from '../../../../app/capture/filter.ts'
import { joinTaps } from '../../../../app/capture/tap.ts'
import type { ConnectionSnapshot } from '../../../../app/contract/contract.ts'
import { ConnectionTable } from '../../../../main/recorder/connection-table.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const ping = Uint8Array.of(0xc0, 0)

function createTable(ring = { first: 1, next: 1 }) {
  const clock = new FakeClock()
  const records = {
    get first() {
      return ring.first
    },
    get next() {
      return ring.next
    },
    get newestAt() {
      return clock.now()
    },
  }
  const table = new ConnectionTable({ clock, ring: records })
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

/** The table beside a real ring, and connections that come, say one thing and go. */
function createRing(budget?: number) {
  const clock = new FakeClock()
  const recorder = new Recorder({ clock, ...(budget !== undefined && { budget }) })
  const table = new ConnectionTable({ clock, ring: recorder })
  const tap = joinTaps(recorder, table)
  const send = (id: number, octets: Uint8Array) => tap.packet(id, 'to broker', octets, false, undefined, octets.length)
  const publish = generate(
    { cmd: 'publish', topic: 'a', payload: 'b', qos: 0, dup: false, retain: false, properties: {} },
    { protocolVersion: 5 },
  )
  const visit = (id: number) => {
    tap.event(id, { type: 'opened', transport: 'tcp', remote: '127.0.0.1:1' })
    send(id, generate({ cmd: 'connect', clientId: `pump-${id}`, protocolVersion: 5, keepalive: 10, clean: true }))
    send(id, publish)
    tap.event(id, { type: 'closed', by: 'client', cause: 'fin' })
  }
  const records = () => {
    const found = []
    for (let next = recorder.first; next < recorder.next; ) {
      const batch = new CaptureBatch(recorder.read(next, 4096))
      for (let i = 0; i < batch.count; i++) found.push(batch.at(i) as NonNullable<ReturnType<typeof batch.at>>)
      next = batch.first + batch.count
    }
    return found
  }
  return { recorder, table, visit, records }
}

describe('the names of a ConnectionTable', () => {
  it('are known of every connection that the ring has records of', () => {
    const { table, visit, records } = createRing()
    for (let id = 1; id <= 1200; id++) visit(id)
    const filter = compileFilter('client:pump-* type:publish')
    expect(records().filter((record) => filter.matches(record, table))).toHaveLength(1200)
    expect([table.clientId(1), table.version(1)]).toEqual(['pump-1', 5])
    // Screens are told of a thousand all the same.
    expect(table.list()).toHaveLength(1000)
    expect(table.get(200)).toBeUndefined()
  })

  it('go with the last record of theirs', () => {
    const { recorder, table, visit, records } = createRing(1024 * 1024)
    for (let id = 1; id <= 5000; id++) visit(id)
    expect(recorder.first).toBeGreaterThan(1)
    const oldest = records()[0]?.connection as number
    // It tests nothing where the ring has no more than the thousand that are remembered in any case.
    expect(oldest).toBeLessThan(4000)
    expect([table.clientId(oldest - 1), table.version(oldest - 1)]).toEqual([undefined, undefined])
    expect(table.clientId(oldest)).toBe(`pump-${oldest}`)
  })

  it.each([
    ['just', 500],
    ['long ago', 1500],
  ])('stay where something was told of a connection that had closed %s', (_, before) => {
    const ring = { first: 1, next: 1 }
    const { open, close, connect, table } = createTable(ring)
    const visit = (id: number) => {
      open(id)
      connect(id, `pump-${id}`)
      ring.next += 4
      close(id)
    }
    for (let id = 1; id <= before; id++) visit(id)
    ring.next = 20_000
    table.event(3, { type: 'packet dropped', packet: 3, by: 'a person' })
    ring.first = 19_999
    for (let id = before + 1; id <= before + 1100; id++) visit(id)
    expect([table.clientId(2), table.clientId(3)]).toEqual([undefined, 'pump-3'])
    ring.first = 20_000
    visit(before + 1101)
    expect(table.clientId(3)).toBeUndefined()
  })

  it('are bounded', () => {
    const { table, open, close } = createTable({ first: 1, next: 1e6 })
    const connect = generate({ cmd: 'connect', clientId: 'pump', protocolVersion: 4, keepalive: 10, clean: true })
    for (let id = 1; id <= 101_100; id++) {
      open(id)
      table.packet(id, 'to broker', connect, false)
      close(id)
    }
    expect([table.clientId(100), table.clientId(101)]).toEqual([undefined, 'pump'])
    expect(table.list()).toHaveLength(1000)
  })
})

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

  it('takes it from a denial, where nothing else says what the broker calls the client', () => {
    const { table, open, connect } = createTable()
    open(1)
    open(2)
    connect(1, '')
    connect(2, 'pump')
    const denied = { type: 'denied', action: 'publish', topic: 'a', rule: 'nobody may' } as const
    table.event(1, { ...denied, clientId: 'anonymous-1' })
    table.event(2, { ...denied, clientId: 'other' })
    expect([table.clientId(1), table.clientId(2)]).toEqual(['anonymous-1', 'pump'])
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
