import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHex, parseHex } from '../../../../app/mqtt/hex.ts'

describe('parseHex', () => {
  it('reads back what formatHex writes, in whatever groups', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('', ' ', '\n', '  '), (octets, between) => {
        expect(parseHex(formatHex(octets, between))).toEqual({ octets })
        expect(parseHex(formatHex(octets, between).toUpperCase())).toEqual({ octets })
      }),
    )
  })

  it('says what it cannot read, and where', () => {
    expect(parseHex('62 0g')).toEqual({ problem: '“g” at character 5 is no hexadecimal digit (0 to 9, a to f)' })
    expect(parseHex('62 0')).toEqual({ problem: 'the last octet has one digit; it needs two' })
    expect(parseHex('6 02')).toEqual({ problem: 'the octet before character 2 has one digit; it needs two' })
  })
})
