import { describe, expect, it } from 'vitest'
import { formatLatency } from '../../../../../renderer/features/bench/fleet-counters.tsx'
import {
  describeLoadClient,
  fleetCounts,
  fleetDot,
  fleetName,
} from '../../../../../renderer/features/bench/fleet-words.ts'
import type { ClientView } from '../../../../../renderer/state/clients.ts'
import { connectionOf, fleetError, fleetOf, groupOf, loadFleet, sessionOf } from '../../fleet-views.ts'

const now = 1_700_000_000_000
const states = [
  { state: 'online', count: 1038 },
  { state: 'script error', count: 1 },
  { state: 'backing off', count: 2 },
] as const

describe('fleetCounts', () => {
  it('counts by state, and marks what is wrong', () => {
    expect(fleetCounts(groupOf('meter', [], { states, fleet: fleetOf('meter', { wanted: 0, present: 0 }) }))).toEqual([
      { text: '1,038 online', tone: 'plain' },
      { text: '1 script error', tone: 'red' },
      { text: '2 backing off', tone: 'amber' },
    ])
    expect(fleetCounts(groupOf('meter', [], { states: [{ state: 'script error', count: 3 }] }))[0]?.text).toBe(
      '3 script errors',
    )
  })

  it('says how far it is from what it shall be', () => {
    const group = groupOf('meter', [], { wanted: 1000, fleet: fleetOf('meter', { wanted: 1000, present: 12 }) })
    expect(fleetCounts(group)).toEqual([{ text: '12 of 1,000 there', tone: 'plain' }])
  })

  it('says why there is nobody', () => {
    const fleet = loadFleet('load', { error: fleetError('the topic must not be empty') })
    expect(fleetCounts(groupOf('load', [], { states, fleet }))).toEqual([
      { text: 'the topic must not be empty', tone: 'red' },
    ])
    expect(fleetCounts(groupOf('none', []))).toEqual([{ text: 'nobody', tone: 'plain' }])
  })
})

describe('fleetDot', () => {
  it('shows the worst that is the matter', () => {
    const dot = (...of: ('online' | 'script error' | 'backing off' | 'off')[]) =>
      fleetDot(
        groupOf('m', [], { states: of.map((state) => ({ state, count: 1 })), online: of.includes('online') ? 1 : 0 }),
      )
    expect([dot('online', 'script error', 'backing off'), dot('online', 'backing off')]).toEqual(['red', 'amber'])
    expect([dot('online', 'off'), dot('off'), dot()]).toEqual(['green', 'grey', 'grey'])
    expect(fleetDot(groupOf('m', [], { fleet: loadFleet('m', { error: fleetError('no') }), online: 3 }))).toBe('red')
  })
})

describe('fleetName', () => {
  it('is the entry and how many it shall have', () => {
    expect(fleetName(groupOf('meter', [], { wanted: 1000 }))).toBe('meter ×1,000')
  })
})

describe('describeLoadClient', () => {
  const client = (more: Partial<ClientView>): ClientView => ({
    key: 'client load-1',
    name: 'load-1',
    clientId: 'load-1',
    device: undefined,
    session: undefined,
    connection: undefined,
    ...more,
  })

  it('is no outside client', () => {
    const words = describeLoadClient(client({ connection: connectionOf(1, 'load-1') }), now)
    expect(words).toMatchObject({
      dot: 'green',
      line: 'load client · 127.0.0.1:5000',
      chip: undefined,
      connected: true,
    })
    expect(describeLoadClient(client({ session: sessionOf('load-1') }), now)).toMatchObject({
      dot: 'green',
      connected: true,
    })
  })

  it('says for how long it is gone', () => {
    const session = { ...sessionOf('load-1'), connected: false, since: now - 4000 }
    expect(describeLoadClient(client({ session }), now)).toMatchObject({
      dot: 'grey',
      line: 'load client · gone 4 s ago',
    })
  })
})

describe('formatLatency', () => {
  it('has tenths while they matter', () => {
    expect([formatLatency(undefined), formatLatency(0.44), formatLatency(1234.4)]).toEqual(['–', '0.4 ms', '1,234 ms'])
  })
})
