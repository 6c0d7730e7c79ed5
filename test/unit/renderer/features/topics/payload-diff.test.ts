import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, linesOf } from '../../../../../renderer/features/topics/payload-diff.ts'

const octets = (text: string) => new Uint8Array(Buffer.from(text))
const marks = { same: ' ', added: '+', removed: '-' }
const diff = (before: string, after: string) =>
  diffLines(linesOf(octets(before)), linesOf(octets(after))).map(({ kind, text }) => `${marks[kind]}${text}`)

describe('the difference of two payloads', () => {
  it('is seen member by member where they are JSON', () => {
    expect(diff('{"a":1,"b":[1,2]}', '{"a":2,"b":[1,2],"c":null}')).toEqual([
      ' {',
      '-  "a": 1,',
      '+  "a": 2,',
      '   "b": [',
      '     1,',
      '     2',
      '   ],',
      '+  "c": null',
      ' }',
    ])
  })

  it('keeps numbers as they were sent', () => {
    expect(diff('{"n":12345678901234567890}', '{"n":12345678901234567891}')).toContain('+  "n": 12345678901234567891')
  })

  it('is seen in other texts, and in octets', () => {
    expect(diff('online', 'offline')).toEqual(['-online', '+offline'])
    expect(linesOf(new Uint8Array(20).fill(255))).toEqual([Array(16).fill('ff').join(' '), 'ff ff ff ff'])
  })

  it('leads from the one to the other, and takes no line away that can stay', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const found = diffLines(before, after)
        const of = (...kinds: string[]) => found.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)
        expect(of('same', 'added')).toEqual(after)
        expect(of('same', 'removed')).toEqual(before)
        expect(of('same')).toHaveLength(longestCommon(before, after))
      }),
    )
  })
})

function longestCommon([first, ...rest]: readonly string[], after: readonly string[]): number {
  if (first === undefined) return 0
  const at = after.indexOf(first)
  const without = longestCommon(rest, after)
  return at < 0 ? without : Math.max(without, 1 + longestCommon(rest, after.slice(at + 1)))
}
