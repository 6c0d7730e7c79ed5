import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  asciiOf,
  changedRanges,
  isIn,
  offsetDigits,
  rowsInSight,
  scrollToRow,
} from '../../../../../renderer/features/packet/hex-rows.ts'

describe('the hex view', () => {
  it('draws every row in sight and few others, however long the packet is', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, seen, at) => {
          const height = Math.min(count, seen) * 20
          const scrollTop = Math.max(0, count * 20 - height) * at
          const rows = rowsInSight(scrollTop, height, 20, count)
          expect(rows.length).toBeLessThanOrEqual(seen + 10)
          for (let y = 0; y < height; y += 10) expect(rows).toContain(Math.floor((scrollTop + y) / 20))
          expect(rows.every((row) => row >= 0 && row < count)).toBe(true)
        },
      ),
    )
  })

  it('scrolls no farther than is needed to see a row whole', () => {
    expect(scrollToRow(100, 200, 20, 7)).toBe(100)
    expect(scrollToRow(100, 200, 20, 2)).toBe(40)
    expect(scrollToRow(100, 200, 20, 20)).toBe(220)
  })

  it('shows characters where octets are printable', () => {
    expect([0x41, 0x20, 0x7e, 0x7f, 0x0a, 0xff].map(asciiOf)).toEqual(['A', ' ', '~', '·', '·', '·'])
    expect([1, 65_536, 65_537, 1 << 20].map(offsetDigits)).toEqual([4, 4, 6, 6])
  })

  it('finds what was changed: outside of it both packets are the same', () => {
    const octets = fc.uint8Array({ maxLength: 12, max: 2 })
    fc.assert(
      fc.property(octets, octets, (before, after) => {
        const [was, is] = changedRanges(before, after)
        expect(was.start).toBe(is.start)
        expect(before.subarray(0, was.start)).toEqual(after.subarray(0, is.start))
        expect(before.subarray(was.end)).toEqual(after.subarray(is.end))
        expect(was.end - was.start === 0 && is.end - is.start === 0).toBe(Buffer.compare(before, after) === 0)
      }),
    )
    expect(changedRanges(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 9, 3))).toEqual([
      { start: 1, end: 2 },
      { start: 1, end: 3 },
    ])
    expect([isIn(1, { start: 1, end: 2 }), isIn(2, { start: 1, end: 2 }), isIn(1, undefined)]).toEqual([
      true,
      false,
      false,
    ])
  })
})
