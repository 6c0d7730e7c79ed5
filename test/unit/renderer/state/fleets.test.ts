import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceId } from '../../../../app/device/device-id.ts'
import { deviceStates } from '../../../../app/device/device-snapshot.ts'
import type { Device } from '../../../../renderer/state/clients.ts'
import { type Fleet, findClient, fleetKey, loadFleetOf, populate } from '../../../../renderer/state/fleets.ts'
import { connectionOf, deviceOf, fleetError, fleetOf, loadFleet, sessionOf } from '../fleet-views.ts'

interface There {
  readonly devices?: readonly Device[]
  readonly fleets?: readonly Fleet[]
  readonly sessions?: readonly string[]
  readonly connections?: readonly string[]
}

function population({ devices = [], fleets = [], sessions = [], connections = [] }: There) {
  return populate({
    devices: new Map(devices.map((device) => [device.id, device])),
    fleets: new Map(fleets.map((fleet) => [fleet.id, fleet])),
    sessions: new Map(sessions.map((id) => [id, sessionOf(id)])),
    connections: new Map(connections.map((id, i) => [i + 1, connectionOf(i + 1, id)])),
  })
}

const names = (there: There) =>
  population(there).entries.map((entry) =>
    entry.kind === 'client' ? entry.client.name : [entry.group.name, ...entry.group.members.map(({ name }) => name)],
  )

describe('populate', () => {
  it('puts the devices of a fleet together, and leaves a fleet of one the device that it is', () => {
    const devices = [deviceOf('meter-01', 'meter'), deviceOf('pump', 'pump'), deviceOf('meter-02', 'meter')]
    expect(names({ devices })).toEqual([['meter', 'meter-01', 'meter-02'], 'pump'])
  })

  it('keeps the order of the workspace, whoever started first, then outside clients by name', () => {
    const fleets = [fleetOf('pump'), fleetOf('valve', { wanted: 1 }), loadFleet('load')]
    const devices = [deviceOf('valve', 'valve'), deviceOf('pump-01', 'pump'), deviceOf('pump-02', 'pump')]
    const sessions = ['sub-10', 'sub-9']
    expect(names({ devices, fleets, sessions })).toEqual([
      ['pump', 'pump-01', 'pump-02'],
      'valve',
      ['load'],
      'sub-9',
      'sub-10',
    ])
  })

  it('shows a fleet as such while it grows from one or from none, and one that has a single device too many', () => {
    const growing = [fleetOf('meter', { wanted: 40, present: 1 }), fleetOf('none', { wanted: 40, present: 0 })]
    expect(names({ devices: [deviceOf('meter-01', 'meter')], fleets: growing })).toEqual([
      ['meter', 'meter-01'],
      ['none'],
    ])
    const shrinking = [fleetOf('meter', { wanted: 1 })]
    const two = [deviceOf('meter-01', 'meter'), deviceOf('meter-02', 'meter')]
    expect(names({ devices: two, fleets: shrinking })).toEqual([['meter', 'meter-01', 'meter-02']])
  })

  it('finds the clients of a load fleet by their ids, in the order of their numbers', () => {
    const fleets = [loadFleet('load')]
    const connections = ['load-10', 'load-9', 'loads-1', 'load-x', 'xload-1', 'load-11']
    expect(names({ fleets, connections })).toEqual([
      ['load', 'load-9', 'load-10', 'load-11'],
      'load-x',
      'loads-1',
      'xload-1',
    ])
  })

  it('takes the number of a load client where its name has it', () => {
    const connections = ['hall-2-meter', 'hall-10-meter', 'hall-x-meter', 'hall-2-meter-3']
    expect(names({ fleets: [loadFleet('hall-{n}-meter')], connections })).toEqual([
      ['hall-{n}-meter', 'hall-2-meter', 'hall-10-meter'],
      'hall-2-meter-3',
      'hall-x-meter',
    ])
    expect(names({ fleets: [loadFleet('a.b-{n}')], connections: ['a.b-1', 'axb-1'] })).toEqual([
      ['a.b-{n}', 'a.b-1'],
      'axb-1',
    ])
  })

  it('takes the same number in all places of a name', () => {
    const connections = ['a12b12', 'a12b13', 'a1b', 'ab', 'a1b11', 'a3b3']
    expect(names({ fleets: [loadFleet('a{n}b{n}')], connections })).toEqual([
      ['a{n}b{n}', 'a3b3', 'a12b12'],
      'a1b',
      'a1b11',
      'a12b13',
      'ab',
    ])
    expect(names({ fleets: [loadFleet('{n}{n}')], connections: ['1212', '12', '77'] })).toEqual([
      ['{n}{n}', '77', '1212'],
      '12',
    ])
  })

  it('tells every client of every fleet by the identifier that the workspace gives it', () => {
    const piece = fc.constantFrom('{n}', '{n}{n}', 'a', '-', '1', '.*', '')
    const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 100_000 }), (id, n) => {
        const clientId = deviceId(id, 100_000, n)
        expect(names({ fleets: [loadFleet(id)], connections: [clientId] })).toEqual([[id, clientId]])
      }),
    )
  })

  // A pattern with as many places would try for longer than anybody waits.
  it('is not kept busy by a stranger who has a long identifier of digits', () => {
    const stranger = `${'1'.repeat(60_000)}x`
    expect(names({ fleets: [loadFleet('{n}'.repeat(40))], connections: [stranger] })).toEqual([
      ['{n}'.repeat(40)],
      stranger,
    ])
  })

  it('shows a load fleet of one whose script has a mistake, though nobody is there', () => {
    const fleets = [loadFleet('one', { wanted: 1, present: 0, online: 0, error: fleetError('the topic is wrong') })]
    const [entry] = population({ fleets }).entries
    expect(entry).toMatchObject({ kind: 'fleet', group: { fleet: { error: { message: 'the topic is wrong' } } } })
  })

  it('counts every state of a fleet, each device once', () => {
    const devices = deviceStates.flatMap((state, i) =>
      Array.from({ length: i + 1 }, (_, n) => deviceOf(`m-${i}-${n}`, 'm', { state })),
    )
    const states = population({ devices }).groups.get(fleetKey('m'))?.states ?? []
    expect(Object.fromEntries(states.map(({ state, count }) => [state, count]))).toEqual(
      Object.fromEntries(deviceStates.map((state, i) => [state, i + 1])),
    )
  })

  it('takes the numbers of a load fleet from the workbench, not from who is connected', () => {
    const there = population({
      fleets: [loadFleet('load', { present: 150, online: 120 })],
      connections: ['load-1'],
      devices: [deviceOf('pump', 'pump'), deviceOf('valve', 'valve', { state: 'offline' })],
      sessions: ['dashboard'],
    })
    expect(there).toMatchObject({ devices: 152, online: 121, outside: 1 })
    expect(there.groups.get(fleetKey('load'))?.states).toEqual([
      { state: 'online', count: 120 },
      { state: 'connecting', count: 30 },
    ])
  })
})

describe('loadFleetOf', () => {
  const there = population({
    devices: [deviceOf('meter-01', 'meter')],
    sessions: ['load-1', 'dashboard'],
    fleets: [loadFleet('load', { wanted: 5, present: 5 })],
  })
  const fleetOfClient = (key: string) => {
    const client = findClient(there, key)
    if (client === undefined) throw new Error(`there is no ${key}`)
    return loadFleetOf(there, client)?.name
  }

  it('finds the fleet of a load client', () => expect(fleetOfClient('client load-1')).toBe('load'))

  it.each(['device meter-01', 'client dashboard'])('gives none for %s', (key) =>
    expect(fleetOfClient(key)).toBeUndefined(),
  )
})

describe('findClient', () => {
  const there = population({
    devices: [deviceOf('meter-01', 'meter'), deviceOf('meter-02', 'meter'), deviceOf('pump', 'pump')],
    sessions: ['dashboard'],
  })

  it.each(['device meter-02', 'device pump', 'client dashboard'])('finds %s', (key) => {
    expect(findClient(there, key)?.key).toBe(key)
  })

  it('gives nobody for who is gone', () => {
    expect(findClient(there, 'device meter-03')).toBeUndefined()
  })
})
