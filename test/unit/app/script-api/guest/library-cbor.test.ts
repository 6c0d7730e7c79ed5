import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../../../../app/script-api/guest/library-cbor.ts'

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
const read = (text: string) => decode(new Uint8Array(Buffer.from(text, 'hex')))

/** From RFC 8949, appendix A. */
const examples: readonly (readonly [unknown, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [18446744073709551616n, 'c249010000000000000000'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [-18446744073709551617n, 'c349010000000000000000'],
  [-1000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.5, 'f93e00'],
  [100000.5, 'fa47c35040'],
  [Number.POSITIVE_INFINITY, 'f97c00'],
  [false, 'f4'],
  [null, 'f6'],
  [undefined, 'f7'],
  [new Uint8Array([1, 2, 3, 4]), '4401020304'],
  ['IETF', '6449455446'],
  ['ü水\u{10151}', '69c3bce6b0b4f0908591'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [new Date('2013-03-21T20:04:00Z'), 'c11a514b67b0'],
]

describe('CBOR', () => {
  it.each(examples)('has %s as the RFC has it', (value, octets) => {
    expect(hex(encode(value))).toBe(octets)
    expect(read(octets)).toEqual(value)
  })

  it('is read in every form that a device may send', () => {
    expect(read('c074323031332d30332d32315432303a30343a30305a')).toEqual(new Date('2013-03-21T20:04:00Z'))
    expect(read('9f018202039f0405ffff')).toEqual([1, [2, 3], [4, 5]])
    expect(read('bf6161019f02ff03ff')).toEqual(
      new Map<unknown, unknown>([
        ['a', 1],
        [[2], 3],
      ]),
    )
    expect(read('fa47c35000')).toBe(100000)
    // Records of SenML (RFC 8428) have numbers for keys.
    expect(read('81a2006474656d7002f94d60')).toEqual([
      new Map<number, unknown>([
        [0, 'temp'],
        [2, 21.5],
      ]),
    ])
  })

  it('keeps properties in their order and leaves undefined ones out', () => {
    expect(hex(encode({ bb: 1, a: undefined, c: 2 }))).toBe('a262626201616302')
  })

  it('comes back as it was', () => {
    const value = fc.jsonValue({ maxDepth: 4 })
    fc.assert(
      fc.property(value, (original) => {
        // JSON has no -0 either.
        const plain: unknown = JSON.parse(JSON.stringify(original))
        expect(decode(encode(plain))).toEqual(plain)
      }),
    )
  })

  it('does not let a key reach the prototype', () => {
    const value = read('a1695f5f70726f746f5f5fa161780a') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
  })

  it.each([
    ['ff', 'unexpected break'],
    ['0000', 'too many terminals'],
    ['820', 'CBOR decode error'],
    ['d82a00', 'tag not supported'],
    ['a2616101616102', 'repeat map key'],
    ['c0636e6f77', 'a date in it is none'],
  ])('says why %s is none', (octets, message) => {
    expect(() => read(octets)).toThrow(message)
  })
})
