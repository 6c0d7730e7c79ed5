import { describe, expect, it } from 'vitest'
import {
  firstChoice,
  keyEffect,
  type ListChoices,
  noChoices,
  rowsOf,
} from '../../../../../renderer/features/bench/list-rows.ts'
import type { Entry } from '../../../../../renderer/state/fleets.ts'
import { clientOf, deviceOf, groupOf } from '../../fleet-views.ts'

const client = (id: string, fleet = id) => clientOf(deviceOf(id, fleet))
const fleet = (name: string, count: number, more = {}): Entry => {
  const members = Array.from({ length: count }, (_, i) => client(`${name}-${i + 1}`, name))
  return { kind: 'fleet', group: groupOf(name, members, more) }
}
const single = (id: string): Entry => ({ kind: 'client', client: client(id) })

const opened = (key: string, open: boolean): ListChoices => ({ filter: '', opened: new Map([[key, open]]) })
const keys = (entries: readonly Entry[], choices: ListChoices = noChoices) =>
  rowsOf(entries, choices).map(({ key }) => key)

describe('rowsOf', () => {
  it('opens small fleets, and keeps large ones and load fleets closed', () => {
    expect(keys([fleet('pump', 2), single('valve')])).toEqual([
      'fleet pump',
      'device pump-1',
      'device pump-2',
      'device valve',
    ])
    expect(keys([fleet('meter', 9)])).toEqual(['fleet meter'])
    expect(keys([fleet('load', 2, { kind: 'load' })])).toEqual(['fleet load'])
  })

  it('does not open a fleet that will be large while it grows', () => {
    expect(keys([fleet('meter', 2, { wanted: 40 })])).toEqual(['fleet meter'])
  })

  it('does what somebody chose', () => {
    expect(keys([fleet('pump', 2)], opened('fleet pump', false))).toEqual(['fleet pump'])
    expect(keys([fleet('meter', 9)], opened('fleet meter', true))).toHaveLength(10)
  })

  it('says the place of each row among its siblings', () => {
    const rows = rowsOf([fleet('pump', 2), single('valve')], noChoices)
    expect(rows.map(({ place, of }) => `${place}/${of}`)).toEqual(['1/2', '1/2', '2/2', '2/2'])
  })

  it('finds devices by a part of their id, in fleets that are closed too', () => {
    const entries = [fleet('meter', 12), single('pump'), fleet('valve', 3)]
    const choices = { filter: ' METER-1 ', opened: new Map([['fleet meter', false]]) }
    const rows = rowsOf(entries, choices)
    expect(rows.map(({ key }) => key)).toEqual([
      'fleet meter',
      'device meter-1',
      'device meter-10',
      'device meter-11',
      'device meter-12',
    ])
    expect(rows[0]).toMatchObject({ matching: 4, open: true, place: 1, of: 1 })
    expect(rows[4]).toMatchObject({ place: 4, of: 4 })
  })

  it('finds a fleet by its name where nobody is in it', () => {
    expect(keys([fleet('meter', 0), fleet('pump', 0)], { filter: 'met', opened: new Map() })).toEqual(['fleet meter'])
  })
})

describe('firstChoice', () => {
  it('is the first device in sight, or else the first row', () => {
    expect(firstChoice([fleet('meter', 9), fleet('pump', 2)], noChoices)).toBe('device pump-1')
    expect(firstChoice([fleet('meter', 9)], noChoices)).toBe('fleet meter')
    expect(firstChoice([], noChoices)).toBeUndefined()
  })

  it('does not change while somebody looks for something', () => {
    expect(firstChoice([single('pump'), single('valve')], { filter: 'valve', opened: new Map() })).toBe('device pump')
  })
})

describe('keyEffect', () => {
  const rows = rowsOf([fleet('pump', 2), fleet('meter', 9), single('valve')], noChoices)
  const press = (key: string, index: number) => keyEffect(key, rows, index, 3)
  const at = (index: number) => ({ kind: 'select', index })

  it('goes up and down, by pages, and to both ends', () => {
    expect(press('ArrowDown', 0)).toEqual(at(1))
    expect(press('ArrowUp', 0)).toEqual(at(0))
    expect(press('ArrowDown', 4)).toEqual(at(4))
    expect(press('PageDown', 1)).toEqual(at(3))
    expect(press('PageUp', 4)).toEqual(at(2))
    expect([press('Home', 3), press('End', 1)]).toEqual([at(0), at(4)])
  })

  it('goes to the first row when nothing in sight is selected', () => {
    expect(press('ArrowDown', -1)).toEqual(at(0))
  })

  it('opens a fleet to the right, then goes into it; closes it to the left, from a member goes back to it', () => {
    expect(press('ArrowRight', 3)).toEqual({ kind: 'open', key: 'fleet meter', open: true })
    expect(press('ArrowRight', 0)).toEqual(at(1))
    expect(press('ArrowLeft', 2)).toEqual(at(0))
    expect(press('ArrowLeft', 0)).toEqual({ kind: 'open', key: 'fleet pump', open: false })
    expect(press('ArrowLeft', 3)).toBeUndefined()
  })

  it('opens and closes a fleet with Enter and the space bar', () => {
    expect(press('Enter', 0)).toEqual({ kind: 'open', key: 'fleet pump', open: false })
    expect(press(' ', 3)).toEqual({ kind: 'open', key: 'fleet meter', open: true })
  })

  it('leaves every other key, and rows without anything to open, alone', () => {
    expect(press('a', 0)).toBeUndefined()
    expect(press('Enter', 4)).toBeUndefined()
    expect(press('ArrowLeft', 4)).toBeUndefined()
    expect(keyEffect('ArrowDown', [], -1, 3)).toBeUndefined()
    const empty = rowsOf([fleet('none', 0)], opened('fleet none', true))
    expect(keyEffect('ArrowRight', empty, 0, 3)).toBeUndefined()
  })
})
