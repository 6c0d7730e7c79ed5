import { describe, expect, it } from 'vitest'
import { type Connect, SessionTable } from '../../../../main/broker/session-table.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const will = { topic: 'status', payload: Uint8Array.of(1), qos: 0 as const, retain: false }

function connectOf(clientId: string, options: Partial<Connect> = {}): Connect {
  return { clientId, protocolVersion: 4, clean: true, keepAlive: 0, will, ...options }
}

/** A clean session whose will was published. */
function die(table: SessionTable, connection: number, clientId: string): void {
  table.connected(connection, connectOf(clientId))
  table.willSettled(connection, clientId, 'published', 'connection lost')
  table.disconnected(connection, clientId)
}

describe('SessionTable', () => {
  it('shows the last word of a thousand dead, and forgets the oldest', () => {
    const clock = new FakeClock()
    const table = new SessionTable(clock, () => 0)
    const removed: string[] = []
    table.onChanged((changes) => removed.push(...changes.removed))
    for (let n = 1; n <= 1001; n++) die(table, n, `pump-${n}`)
    clock.advance(50)
    expect(table.list()).toHaveLength(1000)
    expect(removed).toEqual(['pump-1'])
  })

  it('does not forget a client that has come back', () => {
    const table = new SessionTable(new FakeClock(), () => 0)
    die(table, 1, 'pump-1')
    table.connected(2, connectOf('pump-1'))
    for (let n = 3; n <= 1100; n++) die(table, n, `other-${n}`)
    expect(table.list().find(({ clientId }) => clientId === 'pump-1')).toMatchObject({ connected: true, connection: 2 })
  })

  it('does not let an old connection speak for a new one', () => {
    const table = new SessionTable(new FakeClock(), () => 0)
    table.connected(1, connectOf('pump-1'))
    table.connected(2, connectOf('pump-1'))
    table.willSettled(1, 'pump-1', 'published', 'taken over by another connection')
    table.subscribed(1, 'pump-1', [{ filter: 'a', qos: 1 }])
    table.disconnected(1, 'pump-1')
    expect(table.list()).toMatchObject([
      { connected: true, connection: 2, subscriptions: [], will: { state: 'armed' } },
    ])
  })

  it('counts what waits only while the client is away', () => {
    const clock = new FakeClock()
    const table = new SessionTable(clock, () => 3)
    const queued: number[] = []
    table.onChanged(({ changed }) => queued.push(...changed.map((session) => session.queued)))
    table.connected(1, connectOf('sleeper', { clean: false }))
    clock.advance(50)
    table.queueChanged('sleeper')
    clock.advance(50)
    table.disconnected(1, 'sleeper')
    clock.advance(50)
    table.queueChanged('sleeper')
    table.queueChanged('nobody')
    clock.advance(50)
    expect(queued).toEqual([0, 3, 3])
  })

  it('names a client as nobody else is named', () => {
    const table = new SessionTable(new FakeClock(), () => 0)
    table.connected(1, connectOf('anonymous-7'))
    table.connected(2, connectOf('anonymous-7-2'))
    expect(table.freeClientId(7)).toBe('anonymous-7-3')
    expect(table.freeClientId(8)).toBe('anonymous-8')
  })
})
