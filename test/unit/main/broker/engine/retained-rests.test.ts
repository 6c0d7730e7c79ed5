import { describe, expect, it } from 'vitest'
import { type RetainedRest, RetainedRests } from '../../../../../main/broker/engine/retained-rests.ts'
import { granted } from '../../../../helpers/routed.ts'

function rest(filter: string, isHeld = false): RetainedRest {
  const find = () => [].values()
  return { subscription: granted(filter), find, search: undefined, next: undefined, after: 0, isHeld }
}

describe('Retained messages that wait', () => {
  it('come in the order in which they were asked for; the same filter again comes last', () => {
    const rests = new RetainedRests()
    const [a, b, again] = [rest('a'), rest('b'), rest('a')]
    for (const one of [a, b, again]) rests.add(one)
    expect([rests.size, rests.first]).toEqual([2, b])
    rests.delete('b')
    expect(rests.first).toBe(again)
    rests.delete('a')
    expect([rests.size, rests.first]).toEqual([0, undefined])
  })

  it('are let go where they were held', () => {
    const rests = new RetainedRests()
    const [held, other] = [rest('a', true), rest('b')]
    rests.add(held)
    rests.add(other)
    expect([rests.first, rests.deleteHeld(), rests.first, rests.deleteHeld()]).toEqual([held, true, other, false])
  })

  // To look for the first one of a map from which the first ones were deleted takes minutes for so many.
  it('are as fast where there are very many of them, and the same again and again', () => {
    const rests = new RetainedRests()
    for (let n = 0; n < 200_000; n++) rests.add(rest(`f/${n}`))
    for (let n = 0; n < 200_000; n++) rests.delete(rests.first?.subscription.filter ?? '')
    expect(rests.size).toBe(0)
    for (let n = 0; n < 200_000; n++) rests.add(rest(`f/${n % 2}`))
    expect(rests.size).toBe(2)
  })
})
