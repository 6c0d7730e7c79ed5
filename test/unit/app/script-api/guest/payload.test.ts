import { describe, expect, it } from 'vitest'
import { checkLevels, toWire } from '../../../../../app/script-api/guest/payload.ts'

describe('a payload', () => {
  it('is told to be nested too deep where JSON has no stack for it, in words of its own', () => {
    const deep = {
      toJSON() {
        throw new RangeError('stack overflow')
      },
    }
    expect(() => toWire(deep, 'the payload')).toThrow(
      'the payload must be text, octets (Uint8Array) or a value that JSON can hold: it is nested too deep',
    )
  })

  it('that is compared has 100 levels at most', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    checkLevels(nested(100), 'the payload', 'expect a part of it')
    expect(() => checkLevels(nested(101), 'the payload', 'expect a part of it')).toThrow(
      'the payload is nested more than 100 levels deep, or without end; expect a part of it',
    )
  })
})
