import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderOfStarts } from '../../../../main/workbench/scenario-groups.ts'

const ids = fc.uniqueArray(fc.string(), { maxLength: 50 })
const seeds = fc.oneof(fc.integer(), fc.string())

describe('the order in which devices start', () => {
  it('has each of them once, and is the same for the same seed', () => {
    fc.assert(
      fc.property(ids, seeds, (all, seed) => {
        const order = orderOfStarts(all, seed)
        expect([...order].sort()).toEqual([...all].sort())
        expect(orderOfStarts(all, seed)).toEqual(order)
      }),
    )
  })

  it('can be any', () => {
    const orders = Array.from({ length: 500 }, (_, seed) => orderOfStarts(['a', 'b', 'c'], seed).join(''))
    expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  })
})
