import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowWindow } from '../../../../../renderer/features/handshakes/row-window.ts'

describe('the rows in sight', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 })

  it('are those of which something is seen, and no others', () => {
    fc.assert(
      fc.property(
        heights,
        fc.integer({ min: -50, max: 4000 }),
        fc.integer({ min: 1, max: 900 }),
        (list, from, size) => {
          const rows = new RowWindow(list.length, (i) => list[i] ?? 0)
          const { first, end } = rows.between(from, from + size)
          const seen = list.map((_, i) => i).filter((i) => rows.top(i + 1) > from && rows.top(i) < from + size)
          expect(Array.from({ length: end - first }, (_, i) => first + i)).toEqual(seen)
        },
      ),
    )
  })

  it('are not those that only touch an edge', () => {
    const rows = new RowWindow(100, () => 50)
    expect(rows.between(50, 150)).toEqual({ first: 1, end: 3 })
  })

  it('lie one under the other', () => {
    fc.assert(
      fc.property(heights, (list) => {
        const rows = new RowWindow(list.length, (i) => list[i] ?? 0)
        list.forEach((height, i) => {
          expect(rows.top(i) + height).toBe(rows.top(i + 1))
        })
        expect(rows.height).toBe(list.reduce((sum, height) => sum + height, 0))
      }),
    )
  })

  it('scroll no farther than is needed to see one of them whole', () => {
    const rows = new RowWindow(100, () => 50)
    expect(rows.reveal(3, 0, 500)).toBe(0)
    expect(rows.reveal(10, 0, 500)).toBe(50)
    expect(rows.reveal(2, 300, 500)).toBe(100)
  })
})
