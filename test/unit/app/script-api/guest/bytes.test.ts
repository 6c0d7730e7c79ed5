import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBytes } from '../../../../../app/script-api/guest/bytes.ts'
import { decodeUtf8, encodeUtf8 } from '../../../../../app/script-api/guest/utf8.ts'

const text = fc.string({ unit: 'binary' })
const octets = fc.uint8Array({ maxLength: 40 })
const bytes = createBytes({ decode: (buffer) => JSON.stringify(new TextDecoder().decode(buffer)) })

describe('UTF-8', () => {
  it('is written as TextEncoder writes it, also where half of a surrogate pair is alone', () => {
    const broken = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', '\ud83d', '\ude00') })
    fc.assert(
      fc.property(fc.oneof(text, broken), (value) => {
        expect(encodeUtf8(value)).toEqual(new TextEncoder().encode(value))
      }),
    )
  })

  it('is read as a strict TextDecoder reads it, and refused where that refuses it', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const likely = fc.array(
      fc.constantFrom(
        0x41,
        0x7f,
        0x80,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xe0,
        0xa0,
        0x9f,
        0xed,
        0xef,
        0xf0,
        0x90,
        0x8f,
        0xf4,
        0xf5,
      ),
      { maxLength: 6 },
    )
    const written = text.map((value) => new TextEncoder().encode(value))
    fc.assert(
      fc.property(fc.oneof(written, octets, likely.map(Uint8Array.from.bind(Uint8Array))), (value) => {
        const read = (decode: () => string) => {
          try {
            return decode()
          } catch {
            return undefined
          }
        }
        expect(read(() => decodeUtf8(value))).toBe(read(() => strict.decode(value)))
      }),
    )
  })
})

describe('bytes', () => {
  it('are hexadecimal and Base64 as Node has them, and come back', () => {
    fc.assert(
      fc.property(octets, (value) => {
        const buffer = Buffer.from(value)
        expect(bytes.toHex(value)).toBe(buffer.toString('hex'))
        expect(bytes.toBase64(value)).toBe(buffer.toString('base64'))
        expect(bytes.fromHex(buffer.toString('hex').toUpperCase())).toEqual(value)
        expect(bytes.fromBase64(buffer.toString('base64'))).toEqual(value)
        expect(bytes.fromBase64(buffer.toString('base64url'))).toEqual(value)
      }),
    )
  })

  it('are joined in order, from arrays and buffers alike', () => {
    expect(bytes.concat(bytes.fromText('ä'), new Uint8Array([1]).buffer, new Uint8Array())).toEqual(
      new Uint8Array([0xc3, 0xa4, 1]),
    )
    expect(bytes.fromHex('01 0A:ff')).toEqual(new Uint8Array([1, 10, 255]))
    expect(bytes.toText(bytes.fromText('größer 😀'))).toBe('größer 😀')
  })

  it.each([
    [() => bytes.fromHex('123'), "bytes.fromHex: '123' is not a row of octets of two digits each"],
    [() => bytes.fromHex('zz'), "bytes.fromHex: 'zz' is not a row"],
    [() => bytes.fromBase64('a'), "bytes.fromBase64: 'a' is not Base64"],
    [() => bytes.fromBase64('a*bc'), "bytes.fromBase64: 'a*bc' is not Base64"],
    [
      () => bytes.toHex('text' as unknown as Uint8Array),
      "bytes.toHex needs octets (Uint8Array or ArrayBuffer), not 'text'",
    ],
    [() => bytes.fromText(5 as unknown as string), 'bytes.fromText needs text, not 5'],
  ])('say what is wrong: %s', (call, message) => {
    expect(call).toThrow(message)
  })
})
