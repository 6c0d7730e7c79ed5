import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonSequence } from '../../../../app/scenario/common-sequence.ts'

const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })

/** By the definition, without a thought of time. */
function longest(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return 0
  const rows = Array.from({ length: one.length + 1 }, () => Array.from({ length: other.length + 1 }, () => 0))
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const [above, left, corner] = [rows[i - 1]?.[j] ?? 0, rows[i]?.[j - 1] ?? 0, rows[i - 1]?.[j - 1] ?? 0]
      const row = rows[i] as number[]
      row[j] = one[i - 1] === other[j - 1] ? corner + 1 : Math.max(above, left)
    }
  }
  return rows[one.length]?.[other.length] ?? 0
}

describe('a common sequence', () => {
  it('has the same things in the same order, and is as long as can be', () => {
    fc.assert(
      fc.property(list, list, (one, other) => {
        const pairs = commonSequence(one, other)
        expect(pairs).toHaveLength(longest(one, other))
        for (const [n, [i, j]] of pairs.entries()) {
          expect(one[i]).toBe(other[j])
          const [before, after] = pairs[n - 1] ?? [-1, -1]
          expect(i > before && j > after).toBe(true)
        }
      }),
    )
  })

  it('of lists that have next to nothing in common is their beginning and end', () => {
    const [one, other] = ['1', '2'].map((of) => ['first', ...Array.from({ length: 800 }, (_, i) => of + i), 'last'])
    expect(commonSequence(one ?? [], other ?? [])).toEqual([
      [0, 0],
      [801, 801],
    ])
  })
})
