import { describe, expect, it } from 'vitest'
import { shortened } from '../../../../app/scenario/bounds.ts'

describe('a text that is too long', () => {
  it('is cut, and says how much is missing', () => {
    expect(shortened('abcdef', 6)).toBe('abcdef')
    expect(shortened('abcdef', 4)).toBe('abcd… (2 more characters)')
    expect(shortened('x'.repeat(10_001))).toBe(`${'x'.repeat(10_000)}… (1 more characters)`)
  })

  it('is never cut within a character', () => {
    expect([2, 3, 4].map((most) => shortened('a😀b😀', most))).toEqual([
      'a… (5 more characters)',
      'a😀… (3 more characters)',
      'a😀b… (2 more characters)',
    ])
  })
})
