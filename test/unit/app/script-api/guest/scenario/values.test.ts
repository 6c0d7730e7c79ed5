import { describe, expect, it } from 'vitest'
import { judges, type Matcher, showValue } from '../../../../../../app/script-api/guest/scenario/values.ts'

const holds = (matcher: Matcher, value: unknown, expected: unknown) => judges[matcher](expected)(value).held

describe('a matcher of values', () => {
  it.each([
    ['toBe', NaN, NaN, true],
    ['toBe', 0, -0, false],
    ['toEqual', { a: [1] }, { a: [1] }, true],
    ['toEqual', { a: [1] }, { a: [2] }, false],
    ['toBeGreaterThan', 3, 2, true],
    ['toBeGreaterThan', 2, 2, false],
    ['toBeGreaterThan', '3', 2, false],
    ['toBeLessThan', 1, 2, true],
    ['toBeLessThan', 2, 2, false],
    ['toContain', 'pump-01', 'mp', true],
    ['toContain', 'pump-01', 'x', false],
    ['toContain', [{ a: 1 }], { a: 1 }, true],
    ['toContain', [{ a: 1 }], { a: 2 }, false],
    ['toContain', 7, 7, false],
    ['toMatch', 'online', /^on/, true],
    ['toMatch', 'offline', /^on/, false],
    ['toMatch', 7, /7/, false],
  ] as const)('%s of %j with %j: %j', (matcher, value, expected, held) => {
    expect(holds(matcher, value, expected)).toBe(held)
  })

  it('matches from the beginning again, whatever the expression matched before', () => {
    const expression = /on/g
    expect([1, 2, 3].map(() => holds('toMatch', 'on', expression))).toEqual([true, true, true])
  })

  it('refuses what it cannot compare with', () => {
    expect(() => judges.toBeLessThan('5')).toThrow("toBeLessThan needs a number, not '5'")
    expect(() => judges.toMatch('on')).toThrow("toMatch needs a regular expression, not 'on'")
  })
})

describe('a value in a report', () => {
  it('is written as in a script, and never the whole of something big', () => {
    const ring: unknown[] = []
    ring.push(ring)
    const shown = ['on', -0, NaN, undefined, 5n, { a: NaN }, new Uint8Array([1, 255]), new Set([1]), ring].map(
      showValue,
    )
    const circle = '[circular]'
    expect(shown).toEqual(['"on"', '-0', 'NaN', 'undefined', '5n', '{"a":"NaN"}', 'octets 01 ff', 'Set [1]', circle])
    expect(showValue('x'.repeat(1000))).toHaveLength(501)
    let deep: unknown = 5n
    for (let level = 0; level < 101; level++) deep = [deep]
    expect(showValue([1, [2n, null], deep])).toBe('1,2,,[nested too deep to be shown]')
  })
})
