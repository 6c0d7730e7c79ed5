import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPattern, sizeOf } from '../../../../app/capture/filter-pattern.ts'
import { PatternMatcher } from '../../../../app/capture/filter-pattern-match.ts'

const atom = fc.constantFrom(
  ...['a', 'b', 'A', '1', '_', ' ', 'ß', 'ſ', '.', '[ab]', '[^a]', '[a-c1]', '[]', '[^]', '[\\]b]', '[\\b]', '[^\\w]'],
  ...['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\n', '\\x61', '\\u0062', '\\cJ', '\\0', '\\.', '\\/', '😀', '[😀a]'],
)
const edge = fc.constantFrom('^', '$', '\\b', '\\B')
const quantifier = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{0}', '{1,}', '{0,2}', '{2,3}', '{2,}?')

const pattern = fc.letrec<{ either: string; group: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    { weight: 5, arbitrary: atom },
    { weight: 1, arbitrary: edge },
    { weight: 3, arbitrary: fc.tuple(fc.oneof(atom, tie('group')), quantifier).map(([part, sign]) => part + sign) },
    { weight: 1, arbitrary: tie('group') },
  ),
  group: fc.tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('either')).map(([open, inner]) => `${open}${inner})`),
  either: fc
    .array(fc.array(tie('part'), { maxLength: 3, depthIdentifier: 'd' }), { minLength: 1, maxLength: 2 })
    .map((list) => list.map((parts) => parts.join('')).join('|')),
})).either
/** What JavaScript alone reads only without the flag u. */
const loose = fc.constantFrom('{', '}', ']', '{,2}', 'a{', 'x{1', '\\x', '\\u{2}', '\\p{L}', '\\a', '\\-', '[\\c]')
const strict = fc.constantFrom('\\u{61}', '\\u{1F600}', '\\ud83d\\ude00', '\\ud83d', '\\p{L}', '\\P{Lu}', '[^\\p{L}]')
const flagsOf = (always: string) => fc.subarray(['i', 'm', 's']).map((list) => list.join('') + always)
const written = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(pattern, fc.oneof(flagsOf(''), flagsOf('u'))) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.tuple(pattern, loose, pattern).map((list) => list.join('')),
      flagsOf(''),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.tuple(pattern, strict, pattern).map((list) => list.join('')),
      flagsOf('u'),
    ),
  },
)
const sign = fc.constantFrom(
  ...['a', 'b', 'A', 'B', 'c', '1', '_', ' ', '.', '/', '\n', '\r', '\u2028', '\0', '\b'],
  ...['ß', 'ẞ', 'ſ', 's', 'S', 'K', 'k', 'é', '😀', '\ud83d', '\ude00', '{', '}', ']', '\\'],
)
const text = fc.array(sign, { maxLength: 9 }).map((list) => list.join(''))

/** Whether both languages have it: a group's name may stand there once, and only JavaScript has `\01`. */
function isExpression(source: string, flags: string): boolean {
  if (/\\0\d/.test(source)) return false
  try {
    return new RegExp(source, flags) instanceof RegExp
  } catch {
    return false
  }
}

/**
 * What the language says. V8 looks with the flag u between the halves of a character too, where `\\B` fits; its
 * specification has it look from character to character.
 */
function fits(source: string, flags: string, text: string): boolean {
  if (!flags.includes('u')) return new RegExp(source, flags).test(text)
  const here = new RegExp(source, `${flags}y`)
  let at = 0
  return ['', ...text].some((sign) => {
    at += sign.length
    here.lastIndex = at
    return here.test(text)
  })
}

describe('a pattern', () => {
  it('matches what JavaScript says', () => {
    fc.assert(
      fc.property(written, fc.array(text, { minLength: 1, maxLength: 12 }), ([source, flags], texts) => {
        fc.pre(isExpression(source, flags) && sizeOf(readPattern(source, flags, 0)) <= 500)
        const matcher = new PatternMatcher(source, flags)
        for (const text of texts) {
          expect([source, flags, text, matcher.test(text)]).toEqual([source, flags, text, fits(source, flags, text)])
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is judged by character, and not by half of one, with the flag u', () => {
    expect(new PatternMatcher('^.$', 'u').test('😀')).toBe(true)
    expect(new PatternMatcher('^.$', '').test('😀')).toBe(false)
    expect(new PatternMatcher('\\ude00', 'u').test('😀')).toBe(false)
    expect(new PatternMatcher('\\ude00', '').test('😀')).toBe(true)
  })

  it('has no more places than were counted', () => {
    // Each place is visited once at the end of a text, a place that is reached again is counted again.
    fc.assert(
      fc.property(written, ([source, flags]) => {
        fc.pre(isExpression(source, flags))
        const size = sizeOf(readPattern(source, flags, 0))
        fc.pre(size <= 500)
        const matcher = new PatternMatcher(source, flags)
        matcher.test('')
        expect(matcher.steps).toBeLessThanOrEqual(2 * size + 1)
      }),
    )
  })
})

describe('the work for a pattern', () => {
  const length = 50_000

  // A look for each character, and a few places for each of the few states.
  it.each([
    ['^(a+)+$', 'a', '!'],
    ['(a|a)*b', 'a', ''],
    ['(.*)*x', 'a', ''],
    ['a*a*a*a*a*b', 'a', ''],
    ['(a?){40}a{40}b', 'a', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    ['(a|aa)+$', 'a', '!'],
    ['(\\w+\\s?)*$x', 'ab ', ''],
  ])('/%s/ grows with the text and never faster', (source, repeated, end) => {
    const matcher = new PatternMatcher(source, '')
    const text = repeated.repeat(length / repeated.length) + end
    expect(matcher.test(text)).toBe(false)
    expect(matcher.steps).toBeGreaterThanOrEqual(text.length)
    expect(matcher.steps).toBeLessThan(text.length + 10_000)
    const before = matcher.steps
    matcher.test(text)
    expect(matcher.steps - before).toBeLessThan(text.length + 1000)
  })

  it('is bounded by places times characters where there are too many states to keep', () => {
    const source = '(a|b)*a(a|b){14}c'
    const size = sizeOf(readPattern(source, '', 0))
    const matcher = new PatternMatcher(source, '')
    // Every window of a long sequence like this is another set of places.
    let bits = 1
    const text = Array.from({ length: 20_000 }, () => {
      bits = (bits >>> 1) ^ (bits & 1 ? 0xb400 : 0)
      return bits & 1 ? 'a' : 'b'
    }).join('')
    expect(matcher.test(text)).toBe(false)
    expect(matcher.steps).toBeGreaterThan(5 * text.length)
    expect(matcher.steps).toBeLessThan(text.length * (2 * size + 2))
    expect(matcher.test(`${text}c`)).toBe(new RegExp(source).test(`${text}c`))
    expect(matcher.test('aaaaaaaaaaaaaaac')).toBe(true)
  })
})
