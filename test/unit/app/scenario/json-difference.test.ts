import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describePart, differentParts } from '../../../../app/scenario/json-difference.ts'
import { contains } from '../../../../app/scenario/match-message.ts'

const small = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, 2, 'a', true),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value

describe('the parts of JSON that differ', () => {
  it('are none where it contains what is wanted, and only there', () => {
    fc.assert(
      fc.property(small, small, (value, wanted) => {
        expect(differentParts(value, wanted).length === 0).toBe(contains(value, wanted))
      }),
    )
  })

  it('are named by their path, and shown in part where they are long', () => {
    const parts = differentParts({ a: { b: ['x'.repeat(100)] } }, { a: { b: ['y'] }, c: 1 })
    expect(parts.map(describePart)).toEqual([`a.b[0] is "${'x'.repeat(59)}…`, 'c is absent'])
    expect(differentParts(1, 2).map(describePart)).toEqual(['it is 1'])
  })

  it('are shown however deep a payload goes', () => {
    const value: unknown = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)
    expect(differentParts(value, { a: 1 }).map(describePart)).toEqual([`a is ${'['.repeat(60)}…`])
  })
})
