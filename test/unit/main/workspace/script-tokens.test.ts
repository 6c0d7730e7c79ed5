import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokensOf } from '../../../../main/workspace/script-tokens.ts'

const shown = (text: string): string[] =>
  [...tokensOf(text)].map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)

describe('the tokens of a script', () => {
  it('tell code from comments, strings, templates and regular expressions', () => {
    expect(shown(`a('b\\'c') // 'd'\n/* "e" */ = /'[/"]'/.test(\`f\`) / 2 / g`)).toEqual([
      'other a',
      'other (',
      `string 'b\\'c'`,
      'other )',
      `comment // 'd'`,
      'comment /* "e" */',
      'other =',
      `other /'[/"]'/`,
      'other .',
      'other test',
      'other (',
      'string `f`',
      'other )',
      'other /',
      'other 2',
      'other /',
      'other g',
    ])
  })

  it('are found in templates inside of templates, whose texts are none', () => {
    expect(shown(`\`a \${ { b: \`c \${'d'} e\` } } 'f'\` 'g'`)).toEqual([
      'other `a ${',
      'other {',
      'other b',
      'other :',
      'other `c ${',
      "string 'd'",
      'other } e`',
      'other }',
      "other } 'f'`",
      "string 'g'",
    ])
  })

  it('begin after the line that names an interpreter', () => {
    expect(shown("#!/* node\n'a'")).toEqual(["string 'a'"])
  })

  it('follow one another without an overlap, leave out nothing but spaces, and end, whatever the text is', () => {
    const part = fc.constantFrom(
      '`',
      '${',
      '}',
      '{',
      "'",
      '"',
      '/',
      '//',
      '/*',
      '*/',
      '\\',
      '\n',
      ' ',
      'a',
      '😀',
      '[',
      '#!',
    )
    const text = fc.array(fc.oneof(part, fc.string({ maxLength: 3 })), { maxLength: 30 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (whole) => {
        let at = whole.startsWith('#!') ? whole.search(/[\r\n\u2028\u2029]|$/) : 0
        for (const { kind, start, end } of tokensOf(whole)) {
          expect(whole.slice(at, start).trim()).toBe('')
          expect(end - start).toBeGreaterThanOrEqual(kind === 'other' ? 1 : 2)
          at = end
        }
        expect(whole.slice(at).trim()).toBe('')
      }),
      { numRuns: 5000 },
    )
  })
})
