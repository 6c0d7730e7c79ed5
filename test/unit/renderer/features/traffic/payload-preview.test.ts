import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { previewPayload } from '../../../../../renderer/features/traffic/payload-preview.ts'

const utf8 = new TextEncoder()

describe('previewPayload', () => {
  it('shows text as text', () => {
    expect(previewPayload(utf8.encode('{"celsius":66.2} °C ✓'))).toBe('{"celsius":66.2} °C ✓')
  })

  it('shows lines on one line', () => {
    expect(previewPayload(utf8.encode('a\r\nb\nc\td'))).toBe('a↵b↵c d')
  })

  it('shows octets that are no text in hexadecimal', () => {
    expect(previewPayload(Uint8Array.of(0, 1, 0xfe))).toBe('00 01 fe')
    expect(previewPayload(Uint8Array.of(0xc3))).toBe('c3')
  })

  it('says that there is more', () => {
    expect(previewPayload(utf8.encode('x'.repeat(161)))).toBe(`${'x'.repeat(160)}…`)
    expect(previewPayload(utf8.encode('x'.repeat(160)))).not.toContain('…')
    expect(previewPayload(new Uint8Array(25))).toMatch(/…$/)
  })

  it('never breaks a character in two', () => {
    const longText = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), minLength: 60, maxLength: 200 })
    fc.assert(
      fc.property(longText, (text) => {
        const shown = previewPayload(utf8.encode(text))
        expect(text.startsWith(shown.replace(/…$/, ''))).toBe(true)
        expect(shown).not.toContain('\uFFFD')
      }),
    )
  })
})
