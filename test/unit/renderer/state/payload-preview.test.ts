import { describe, expect, it } from 'vitest'
import { previewOf } from '../../../../renderer/state/payload-preview.ts'

const octets = (text: string) => new Uint8Array(Buffer.from(text))

describe('a payload in one line', () => {
  it('is its text on one line', () => {
    expect(previewOf(octets('{\n  "celsius": 20\n}'))).toBe('{ "celsius": 20 }')
    expect(previewOf(octets(''))).toBe('empty')
  })

  it('says that there is more, also where a character was cut through', () => {
    expect(previewOf(octets('abc'), 10)).toBe('abc…')
    expect(previewOf(octets('grün').subarray(0, 3), 5)).toBe('gr…')
  })

  it('says how long it is where it is no text', () => {
    expect(previewOf(new Uint8Array([0xff, 0xfe, 1]))).toBe('3 octets')
    expect(previewOf(new Uint8Array([0xff]), 400)).toBe('400 octets')
  })
})
