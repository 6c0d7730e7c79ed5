import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitting } from '../../../../../main/scenarios/reporters/html-room.ts'

const forms = [
  (thing: { size: number }) => 'f'.repeat(thing.size),
  (thing: { size: number }) => 'b'.repeat(thing.size / 10),
  () => 'line',
] as const

describe('the room of a page', () => {
  it('is given to what matters first, then in order, in ever shorter forms', () => {
    const things = Array.from({ length: 100 }, (_, number) => ({ number, size: 500_000 }))
    const texts = fitting(things, forms, ({ number }) => number >= 95)
    const kinds = texts.map((text) => text?.[0])
    // Twelve of half a million signs: the five that matter, and the first seven.
    expect(kinds.map((kind, at) => (kind === 'f' ? at : -1)).filter((at) => at >= 0)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 95, 96, 97, 98, 99,
    ])
    expect(kinds.filter((kind) => kind === 'b')).toHaveLength(40)
    expect(kinds[46]).toBe('b')
    expect(kinds[47]).toBe('l')
  })

  it('has an end, in octets', () => {
    const things = Array.from({ length: 4 }, () => ({}))
    const long = () => '─'.repeat(1_500_000)
    expect(fitting(things, [long, long, long], () => true).map((text) => text?.length)).toEqual([
      1_500_000,
      1_500_000,
      undefined,
      undefined,
    ])
  })

  it('is never more than ten million octets', () => {
    const sizes = fc.array(fc.record({ size: fc.integer({ min: 0, max: 3_000_000 }), matters: fc.boolean() }))
    fc.assert(
      fc.property(sizes, (things) => {
        const texts = fitting(things, forms, ({ matters }) => matters)
        expect(texts).toHaveLength(things.length)
        expect(texts.reduce((sum, text) => sum + (text?.length ?? 0), 0)).toBeLessThanOrEqual(10_000_000)
      }),
      { numRuns: 50 },
    )
  })
})
