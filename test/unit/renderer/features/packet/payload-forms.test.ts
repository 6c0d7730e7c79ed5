import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadForms } from '../../../../../renderer/features/packet/payload-forms.ts'
import { formatJson } from '../../../../../renderer/ui/json-text.ts'

describe('a payload as JSON', () => {
  it('is laid out as JSON.stringify does it, and says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = formatJson(JSON.stringify(value, null, space))
        expect(text).toBe(JSON.stringify(value, null, 2))
      }),
    )
  })

  it('keeps numbers and strings as they were written', () => {
    expect(formatJson('{"id":12345678901234567890,"c":66.20,"s":"a\\u00e9 {,}"}')).toBe(
      '{\n  "id": 12345678901234567890,\n  "c": 66.20,\n  "s": "a\\u00e9 {,}"\n}',
    )
    expect(formatJson('{"a":1,"a":2}')).toBe('{\n  "a": 1,\n  "a": 2\n}')
    expect(formatJson('{a:1}')).toBeUndefined()
  })

  it('takes strings of a mebibyte', () => {
    expect(formatJson(`["${'x\\n'.repeat(1 << 18)}"]`)).toHaveLength((3 << 18) + 8)
  })
})

describe('the forms of a payload', () => {
  const best = (text: string | Uint8Array) => payloadForms(typeof text === 'string' ? Buffer.from(text) : text).best

  it('are the one that says most, at first', () => {
    expect(best('{"a":1}')).toBe('json')
    expect(best(' [1]')).toBe('json')
    expect(best('21.5')).toBe('text')
    expect(best('{oops')).toBe('text')
    expect(best(Uint8Array.of(0, 1))).toBe('hex')
    expect(best(Uint8Array.of(0xff))).toBe('hex')
  })
})
