import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bottomOf,
  initialView,
  scrollBy,
  scrollTo,
  select,
  topOf,
} from '../../../../../renderer/features/traffic/viewport.ts'

const extent = { first: 1, last: 100, rows: 10 }

describe('the place of the traffic list', () => {
  it('follows: the newest record is the last row', () => {
    expect(topOf(initialView, extent)).toBe(91)
    expect(topOf(initialView, { ...extent, last: 200 })).toBe(191)
  })

  it('begins at the first record while all of them fit', () => {
    expect(topOf(initialView, { ...extent, last: 4 })).toBe(1)
  })

  it('stands still after scrolling up, whatever comes', () => {
    const view = scrollBy(initialView, extent, -5)
    expect(view.following).toBe(false)
    expect(topOf(view, { ...extent, last: 5000 })).toBe(86)
  })

  it('follows again when it is scrolled to the end', () => {
    const view = scrollBy(scrollBy(initialView, extent, -5), extent, 5)
    expect(view.following).toBe(true)
  })

  it('does not scroll beyond the oldest record', () => {
    expect(topOf(scrollTo(initialView, extent, -50), extent)).toBe(1)
  })

  it('moves with the oldest record when those above have left the workbench', () => {
    const view = scrollTo(initialView, extent, 20)
    expect(topOf(view, { ...extent, first: 30 })).toBe(30)
  })

  it('stands still when a record is selected, and scrolls no farther than is needed', () => {
    const view = select(initialView, extent, 95)
    expect(view).toEqual({ following: false, top: 91, selected: 95 })
    expect(select(view, extent, 90).top).toBe(90)
    expect(select(view, { ...extent, last: 200 }, 101).top).toBe(92)
  })

  it('selects only what exists', () => {
    expect(select(initialView, extent, 500).selected).toBe(100)
    expect(select(initialView, extent, -3).selected).toBe(1)
  })

  it('is always between the oldest record and the end', () => {
    const anyExtent = fc
      .record({ first: fc.integer({ min: 1, max: 1000 }), count: fc.nat(1000), rows: fc.integer({ min: 1, max: 60 }) })
      .map(({ first, count, rows }) => ({ first, last: first + count - 1, rows }))
    const step = fc.record({ rows: fc.double({ min: -500, max: 500, noNaN: true }), extent: anyExtent })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let view = initialView
        for (const { rows, extent } of steps) {
          view = scrollBy(view, extent, rows)
          expect(topOf(view, extent)).toBeGreaterThanOrEqual(extent.first)
          expect(topOf(view, extent)).toBeLessThanOrEqual(bottomOf(extent))
        }
      }),
    )
  })
})
