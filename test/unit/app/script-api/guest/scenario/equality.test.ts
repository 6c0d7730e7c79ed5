import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEqual } from '../../../../../../app/script-api/guest/scenario/equality.ts'

const anything = fc.anything({ withDate: true, withMap: true, withTypedArray: true })

describe('toEqual', () => {
  it('holds for a copy of anything that JSON can hold, and for no other value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        expect(isEqual(left, structuredClone(left))).toBe(true)
        if (JSON.stringify(left) !== JSON.stringify(right) && isEqual(left, right)) {
          // Only the order of names, and -0, can be told apart in JSON alone.
          expect(left).toEqual(right)
        }
      }),
    )
  })

  it('holds for itself, both ways round alike, whatever it is', () => {
    fc.assert(
      fc.property(anything, anything, (left, right) => {
        expect(isEqual(left, left)).toBe(true)
        expect(isEqual(left, right)).toBe(isEqual(right, left))
      }),
    )
  })

  it('tells kinds of things apart', () => {
    const different: readonly (readonly [unknown, unknown])[] = [
      [0, -0],
      [[], {}],
      [[1], [1, 2]],
      [new Date(1), new Date(2)],
      [/a/, /a/i],
      [new Map([[1, 2]]), new Map([[1, 3]])],
      [new Set([1]), new Set([2])],
      [new Uint8Array([1]), [1]],
      [new Uint8Array([1]), new Uint8Array([2])],
      [new Error('a'), new Error('b')],
      [{ a: 1 }, { a: 1, b: 2 }],
    ]
    for (const [left, right] of different) expect(isEqual(left, right), String(left)).toBe(false)
  })

  it('takes a part that is undefined for one that is not there', () => {
    expect(isEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(isEqual({ a: undefined }, { b: 1 })).toBe(false)
  })

  it('comes to an end where a thing is part of itself', () => {
    const ring = () => {
      const made: { self?: unknown; n: number } = { n: 1 }
      made.self = made
      return made
    }
    expect(isEqual(ring(), ring())).toBe(true)
  })
})
