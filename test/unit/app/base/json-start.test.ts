import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonStart } from '../../../../app/base/json-start.ts'

describe('the beginning of JSON', () => {
  it('is that of the whole text, and all of it where it is short', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 1, max: 80 }), (given, most) => {
        const value: unknown = JSON.parse(JSON.stringify(given))
        expect(jsonStart(value, most)).toBe(JSON.stringify(value).slice(0, most))
      }),
    )
  })

  it('is there however deep it goes', () => {
    const value: unknown = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)
    expect(() => JSON.stringify(value)).toThrow(RangeError)
    expect(jsonStart(value, 10)).toBe('{"a":[[[[[')
  })
})
