import { describe, expect, it } from 'vitest'
import { toExpected } from '../../../../../app/script-api/guest/payload.ts'

describe('a payload that is expected', () => {
  it('has 100 levels at most', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    expect(toExpected([nested(99), { a: nested(98) }], 'the payload')).toEqual([nested(99), { a: nested(98) }])
    for (const deeper of [[nested(100)], { a: nested(100) }]) {
      expect(() => toExpected(deeper, 'the payload')).toThrow(
        'the payload is nested more than 100 levels deep; expect a part of it, or its text',
      )
    }
  })

  it('has the levels of what is written of it, and tells in words what it throws', () => {
    const pump = { id: 7, valves: [{}], toJSON: () => ({ id: 7 }) }
    pump.valves.push({ pump })
    expect(toExpected([pump, pump], 'the payload')).toEqual([{ id: 7 }, { id: 7 }])
    const broken = {
      get level(): number {
        throw new Error('no water')
      },
    }
    expect(() => toExpected(broken, 'the payload')).toThrow(
      'the payload must be text, octets (Uint8Array) or a value that JSON can hold: no water',
    )
    expect(() => toExpected(Number.NaN, 'the payload')).toThrow('NaN has no form in JSON')
  })
})
