import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrapEvenly, wrapText } from '../../../../../renderer/features/handshakes/wrap-text.ts'

describe('text in lines', () => {
  it('keeps every word, and no line is too long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const lines = wrapText(text, most)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(most)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(/\s+/g, ''))
      }),
    )
  })

  it('takes no more lines to be even', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const even = wrapEvenly(text, most)
        expect(even.length).toBe(wrapText(text, most).length)
        for (const line of even) expect(line.length).toBeLessThanOrEqual(most)
      }),
    )
    expect(wrapEvenly('id 19 already stored: not delivered again', 34)).toEqual([
      'id 19 already stored:',
      'not delivered again',
    ])
  })

  it('breaks at spaces where it can', () => {
    expect(wrapText('id 19 already stored: not delivered again', 22)).toEqual([
      'id 19 already stored:',
      'not delivered again',
    ])
  })
})
