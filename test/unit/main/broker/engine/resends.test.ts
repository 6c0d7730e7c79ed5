import { describe, expect, it } from 'vitest'
import { Outgoing } from '../../../../../app/session/outgoing.ts'
import { Resends } from '../../../../../main/broker/engine/resends.ts'
import { routedMessage } from '../../../../helpers/routed.ts'

function outgoing(ordinal: number): Outgoing {
  return new Outgoing(ordinal, routedMessage('t'), { qos: 1, retain: false, identifiers: undefined }, 0)
}

describe('What is sent again', () => {
  it('is what was not answered meanwhile, in order', () => {
    const resends = new Resends()
    const all = [1, 2, 3, 4, 5].map(outgoing)
    resends.begin(all)
    expect(resends.take()).toBe(all[0])
    expect([resends.remove(all[2] as Outgoing), resends.remove(all[0] as Outgoing)]).toEqual([true, false])
    expect(resends.size).toBe(3)
    expect([resends.take(), resends.take(), resends.take(), resends.take()]).toEqual([
      all[1],
      all[3],
      all[4],
      undefined,
    ])
    expect(resends.size).toBe(0)
  })

  it('begins anew with each connection', () => {
    const resends = new Resends()
    const [one, two] = [outgoing(1), outgoing(2)]
    resends.begin([one, two])
    resends.begin([two])
    expect([resends.size, resends.take(), resends.take()]).toEqual([1, two, undefined])
  })

  // Where each answer looks through all of them it takes minutes.
  it('is as fast when very many are answered one after the other', () => {
    const resends = new Resends()
    const all = Array.from({ length: 65_535 }, (_, n) => outgoing(n + 1))
    for (let round = 0; round < 5; round++) {
      resends.begin(all)
      expect(all.filter((one) => resends.remove(one) && resends.size >= 0)).toHaveLength(all.length)
      expect(resends.take()).toBeUndefined()
    }
  })
})
