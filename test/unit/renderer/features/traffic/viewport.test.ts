import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bottomOf,
  type Extent,
  everyRecord,
  initialView,
  scrollBy,
  scrollTo,
  select,
  togglePause,
  topOf,
  viewFrom,
} from '../../../../../renderer/features/traffic/viewport.ts'

/** Every record from `first` to `last`, in a list of so many rows. */
function every(first: number, last: number, rows = 10): Extent {
  return { ...everyRecord(first, last), rows }
}

/** Some records only, at positions that begin anywhere. */
function some(numbers: readonly number[], first = -3, rows = 3): Extent {
  const found = (number: number) => numbers.findIndex((candidate) => candidate >= number)
  return {
    first,
    last: first + numbers.length - 1,
    numberAt: (position) => numbers[position - first],
    positionOf: (number) => first + (found(number) < 0 ? numbers.length : found(number)),
    rows,
  }
}

const extent = every(1, 100)

describe('the place of the traffic list', () => {
  it('follows: the newest record is the last row', () => {
    expect(topOf(initialView, extent)).toBe(91)
    expect(topOf(initialView, every(1, 200))).toBe(191)
  })

  it('stands at a record that was asked for, whatever comes after it and though the list is still searched for', () => {
    expect(topOf(viewFrom(24), every(1, 38))).toBe(24)
    expect(topOf(viewFrom(24), every(24, 62))).toBe(24)
    expect(topOf(viewFrom(24), every(24, 30))).toBe(24)
    expect(topOf(viewFrom(24), some([25, 30, 31, 40, 41], 7))).toBe(7)
  })

  it('begins at the first record while all of them fit', () => {
    expect(topOf(initialView, every(1, 4))).toBe(1)
  })

  it('stands still after scrolling up, whatever comes', () => {
    const view = scrollBy(initialView, extent, -5)
    expect(view.following).toBe(false)
    expect(topOf(view, every(1, 5000))).toBe(86)
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
    expect(topOf(view, every(30, 100))).toBe(30)
  })

  it('stands still when a record is selected, and scrolls no farther than is needed', () => {
    const view = select(initialView, extent, 95)
    expect(view).toEqual({ following: false, top: 91, selected: 95 })
    expect(select(view, extent, 90).top).toBe(90)
    expect(select(view, every(1, 200), 101).top).toBe(92)
  })

  it('selects only what exists', () => {
    expect(select(initialView, extent, 500).selected).toBe(100)
    expect(select(initialView, extent, -3).selected).toBe(1)
  })

  it('is always between the oldest record and the end', () => {
    const anyExtent = fc
      .record({ first: fc.integer({ min: 1, max: 1000 }), count: fc.nat(1000), rows: fc.integer({ min: 1, max: 60 }) })
      .map(({ first, count, rows }) => every(first, first + count - 1, rows))
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

describe('the place of a filtered list', () => {
  const numbers = [10, 20, 30, 40, 50, 60]

  it('stays at the record, whatever older ones are found above it', () => {
    const view = scrollTo(initialView, some(numbers), -2.5)
    expect(view.top).toBe(10.5)
    expect(topOf(view, some([1, 2, 3, ...numbers], -6))).toBe(-2.5)
  })

  it('stays near the record when another filter has no room for it', () => {
    const view = scrollTo(initialView, every(1, 100), 35)
    expect(topOf(view, some(numbers))).toBe(0)
    expect(topOf(scrollTo(initialView, some(numbers), -1), every(1, 100))).toBe(30)
  })

  it('selects by place and remembers the record', () => {
    const filtered = some(numbers)
    const view = select(initialView, filtered, -1)
    expect(view).toEqual({ following: false, top: 30, selected: 30 })
    expect(select(view, filtered, 99).selected).toBe(60)
  })

  it('selects nothing in an empty list', () => {
    expect(select(initialView, some([]), 0)).toBe(initialView)
    expect(topOf(initialView, some([]))).toBe(-3)
  })

  it('stands still and follows again at one key', () => {
    const paused = togglePause(initialView, some(numbers))
    expect(paused).toEqual({ following: false, top: 40, selected: undefined })
    expect(togglePause(paused, some(numbers)).following).toBe(true)
  })
})
