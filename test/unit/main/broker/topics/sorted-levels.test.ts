import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNatural } from '../../../../../main/broker/topics/natural-order.ts'
import { atOnce } from '../../../../../main/broker/topics/slices.ts'
import { merging, sorting } from '../../../../../main/broker/topics/sorted-levels.ts'

const named = (names: readonly string[]) => names.map((level) => ({ level }))
const inOrder = (items: readonly { readonly level: string }[]) =>
  [...items].sort((a, b) => compareNatural(a.level, b.level))
const names = fc.array(fc.oneof(fc.nat({ max: 3000 }).map(String), fc.string({ maxLength: 3 })), { maxLength: 900 })

describe('names that are sorted in short steps', () => {
  it('stand in the same order as those that are sorted at once', () => {
    fc.assert(
      fc.property(names, (list) => {
        const items = named(list)
        expect(atOnce(sorting(items))).toEqual(inOrder(items))
      }),
    )
  })

  it('are merged into others, few among many and many among few', () => {
    fc.assert(
      fc.property(names, names, (one, other) => {
        const [a, b] = [inOrder(named(one)), inOrder(named(other))]
        expect(atOnce(merging(a, b))).toEqual(inOrder([...a, ...b]))
      }),
    )
  })

  it('are sorted in many steps where they are many', () => {
    let steps = 0
    for (const _ of sorting(named(Array.from({ length: 10_000 }, (_, n) => `${n}`)))) steps++
    expect(steps).toBeGreaterThan(100)
  })
})
