import { describe, expect, it } from 'vitest'
import { Refusals } from '../../../../../main/broker/access/refusals.ts'

describe('Refusals', () => {
  it('refuse whom and as often as they are told', () => {
    const refusals = new Refusals()
    const order = refusals.add({ code: 0x88, reason: 'as asked', clients: 'pump-*' })
    refusals.add({ code: 0x9f, reason: 'once', times: 1 })
    expect(refusals.take('CONNECT', 'pump-1')).toMatchObject({ code: 0x88, reason: 'as asked' })
    expect(refusals.take('CONNECT', 'valve')).toMatchObject({ code: 0x9f, reason: 'once' })
    expect(refusals.take('CONNECT', 'valve')).toBeUndefined()
    expect(refusals.take('CONNECT', 'pump-1')).toMatchObject({ code: 0x88 })
    refusals.remove(order)
    expect(refusals.take('CONNECT', 'pump-1')).toBeUndefined()
  })
  it('tell which stand, and how often each has refused', () => {
    const refusals = new Refusals()
    const pumps = refusals.add({ code: 0x88, reason: 'as asked', clients: 'pump-*' })
    const two = refusals.add({ code: 0x9f, reason: 'twice', times: 2 })
    for (const client of ['pump-1', 'pump-2', 'valve']) refusals.take('CONNECT', client)
    expect(refusals.list()).toEqual([
      { id: pumps, code: 0x88, reason: 'as asked', clients: 'pump-*', refused: 2 },
      { id: two, code: 0x9f, reason: 'twice', times: 2, refused: 1 },
    ])
    refusals.take('CONNECT', 'valve')
    expect(refusals.list()).toMatchObject([{ id: pumps }])
    refusals.clear('CONNECT')
    expect(refusals.list()).toEqual([])
  })
})
