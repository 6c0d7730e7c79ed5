import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import {
  fillName,
  readNameTemplate,
  readTemplate,
  type TemplateContext,
} from '../../../../app/device/payload-template.ts'

const noon = Date.UTC(2026, 0, 2, 12, 0, 0, 5)

function context(seed: string | number = 1): TemplateContext {
  return { id: 'm-07', n: 7, count: 1, now: () => noon + 0.75, random: createRandom(seed), walks: [] }
}

function fill(text: string, times = 1, seed: string | number = 1): string[] {
  const template = readTemplate(text, 'payload')
  const one = context(seed)
  return Array.from({ length: times }, (_, i) => {
    one.count = i + 1
    return template.fill(one)
  })
}

describe('readTemplate', () => {
  it('puts in who it is for, which message it is, and when', () => {
    expect(fill('{id}/{n} #{count} {time} {ms}', 2)).toEqual([
      `m-07/7 #1 2026-01-02T12:00:00.005Z ${noon}`,
      `m-07/7 #2 2026-01-02T12:00:00.005Z ${noon}`,
    ])
  })

  it('leaves JSON as it is, and makes one brace of two before a letter', () => {
    expect(fill('{"a":{"b":{n}},"c":[{}]}')).toEqual(['{"a":{"b":7},"c":[{}]}'])
    expect(fill('{{n} {{ {{"')).toEqual(['{n} {{ {{"'])
  })

  it('draws whole numbers, numbers, words and letters within their bounds', () => {
    const bounds = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }))
    fc.assert(
      fc.property(bounds, fc.nat(6), fc.nat(40), fc.integer(), ([min, width], decimals, length, seed) => {
        const max = min + width
        const [text] = fill(
          `{int ${min} ${max}} {float ${min} ${max} ${decimals}} {pick a bc} {text ${length}}`,
          1,
          seed,
        )
        const [int, float, pick, letters = ''] = String(text).split(' ')
        expect(Number(int)).toBeGreaterThanOrEqual(min)
        expect(Number(int)).toBeLessThanOrEqual(max)
        expect(Number.isInteger(Number(int))).toBe(true)
        expect(Number(float)).toBeGreaterThanOrEqual(min)
        expect(Number(float)).toBeLessThanOrEqual(max)
        expect((float?.split('.')[1] ?? '').length).toBe(decimals)
        expect(['a', 'bc']).toContain(pick)
        expect(letters).toMatch(new RegExp(`^[a-z0-9]{${length}}$`))
      }),
    )
  })

  it('walks: each value is at most a step from the one before, from the start on, within the bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer(),
        (start, step, seed) => {
          const values = fill(`{walk ${start} ${step} 0 40 6} {walk 1 0 0 2}`, 20, seed).map((text) => text.split(' '))
          expect(Number(values[0]?.[0])).toBe(start)
          values.forEach(([value, still], i) => {
            expect(Number(value)).toBeGreaterThanOrEqual(0)
            expect(Number(value)).toBeLessThanOrEqual(40)
            const before = Number(values[i - 1]?.[0] ?? value)
            expect(Math.abs(Number(value) - before)).toBeLessThanOrEqual(step + 2e-6)
            expect(still).toBe('1.00')
          })
        },
      ),
    )
  })

  it('gives the same texts for the same seed, and others for another', () => {
    const text = '{int 0 1000000000} {float 0 1 12} {text 12} {walk 0 1 -9 9 9}'
    expect(fill(text, 5, 'a')).toEqual(fill(text, 5, 'a'))
    expect(fill(text, 5, 'a')).not.toEqual(fill(text, 5, 'b'))
  })

  it('knows whether it draws at all', () => {
    expect(readTemplate('{id} {count} {time} {ms}', 'payload').draws).toBe(false)
    for (const drawing of ['{int 0 1}', '{float 0 1}', '{walk 0 1 0 1}', '{pick a}', '{text 3}']) {
      expect(readTemplate(drawing, 'payload').draws).toBe(true)
    }
  })

  it.each([
    ['{nothing}', 'has {nothing}, which stands for nothing'],
    ['{int 5 1}', 'has {int 5 1}, which should be {int MIN MAX}'],
    ['{int 0 1.5}', 'has {int 0 1.5}, which should be {int MIN MAX}'],
    ['{float 1}', 'has {float 1}, which should be {float MIN MAX [DECIMALS]}'],
    ['{float 0 1 21}', 'which should be {float'],
    ['{walk 9 1 0 5}', 'which should be {walk START STEP MIN MAX [DECIMALS]}'],
    ['{pick}', 'which should be {pick WORD WORD ...}'],
    ['{text 65537}', 'which should be {text LENGTH}'],
    ['{id 3}', 'has {id 3}, which should be {id}'],
  ])('refuses %s', (text, message) => {
    expect(() => readTemplate(text, 'payload')).toThrow(`payload ${message.startsWith('has') ? message : ''}`.trim())
    expect(() => readTemplate(text, 'payload')).toThrow(message)
  })
})

describe('how long a template can be', () => {
  it.each([
    ['{text 65536}'.repeat(200), '13,107,200'],
    ['{id}'.repeat(20_000), '5,280,000'],
    ['x'.repeat(262_145), '262,145'],
  ])('is bounded', (text, octets) => {
    expect(() => readTemplate(text, 'payload')).toThrow(`payload can have ${octets} octets; 262,144 is the most`)
  })

  it('allows 256 KiB', () => {
    expect(fill('{text 65536}'.repeat(4))[0]).toHaveLength(262_144)
    expect(fill('x'.repeat(262_144))[0]).toHaveLength(262_144)
  })

  it('is never exceeded by what it is filled in to', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const decimals = fc.nat(20)
    const placeholder = fc.oneof(
      fc.constantFrom('{id}', '{n}', '{count}', '{time}', '{ms}', '{pick a ü bcd}', '{text 7}'),
      fc.tuple(number, number, decimals).map(([a, b, d]) => `{float ${Math.min(a, b)} ${Math.max(a, b)} ${d}}`),
      fc.tuple(number, decimals).map(([a, d]) => `{walk ${a} 1 ${a} ${a} ${d}}`),
      fc.constant(`{int ${Number.MIN_SAFE_INTEGER} ${Number.MAX_SAFE_INTEGER}}`),
    )
    fc.assert(
      fc.property(placeholder, fc.integer(), (one, seed) => {
        // As much before it as may be there, if it takes no more than it says.
        const most = longestBeside(one)
        const [text = ''] = fill('x'.repeat(most) + one, 1, seed)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(262_144)
      }),
      { numRuns: 25 },
    )
  })
})

/** How much text a template allows beside a placeholder. */
function longestBeside(placeholder: string): number {
  let [allowed, refused] = [0, 262_145]
  while (refused - allowed > 1) {
    const middle = (allowed + refused) >>> 1
    try {
      readTemplate('x'.repeat(middle) + placeholder, 'payload')
      allowed = middle
    } catch {
      refused = middle
    }
  }
  return allowed
}

describe('readNameTemplate', () => {
  it('knows {id} and {n} only', () => {
    expect(fillName(readNameTemplate('site/{id}/{n}', 'topic'), 'm-07', 7)).toBe('site/m-07/7')
    expect(() => readNameTemplate('site/{count}', 'topic')).toThrow(
      'topic has {count}, which stands for nothing; there is {id}, {n}',
    )
  })
})
