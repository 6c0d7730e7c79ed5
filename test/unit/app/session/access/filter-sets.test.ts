import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, intersection, levelsOf } from '../../../../../app/session/access/filter-sets.ts'

/** Every Topic Name of up to four levels over these; `z` is in no filter, and stands for all that a filter does not name. */
const words = ['a', 'b', '', '$s', 'z']
const topics = words.flatMap((one) => [
  one,
  ...words.flatMap((two) => [
    `${one}/${two}`,
    ...words.flatMap((three) => [`${one}/${two}/${three}`, ...words.map((four) => `${one}/${two}/${three}/${four}`)]),
  ]),
])
const names = topics.filter((topic) => topic !== '')

const level = fc.constantFrom('a', 'b', '', '$s', '+')
const filter = fc
  .tuple(fc.array(level, { maxLength: 3 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
  .filter((text) => text !== '')

/** The specification's words, a level after the other [§4.7.1, MQTT-4.7.2-1]. */
function isMatch(text: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(text)) return false
  const go = (left: string[], right: string[]): boolean => {
    if (left[0] === '#') return true
    if (left.length === 0 || right.length === 0) return left.length === 0 && right.length === 0
    return (left[0] === '+' || left[0] === right[0]) && (left[1] === '#' || go(left.slice(1), right.slice(1)))
  }
  return go(text.split('/'), topic.split('/'))
}

const isInSet = (text: string) => (topic: string) => covers(levelsOf(text), levelsOf(topic))

describe('covers', () => {
  it('has the Topic Names in a filter that the specification says', () => {
    fc.assert(
      fc.property(filter, (text) => {
        expect(names.filter(isInSet(text))).toEqual(names.filter((topic) => isMatch(text, topic)))
      }),
    )
  })

  it('is true exactly where every name that the inner filter matches is matched by the outer one', () => {
    fc.assert(
      fc.property(filter, filter, (outer, inner) => {
        const all = names.every((topic) => !isMatch(inner, topic) || isMatch(outer, topic))
        expect(covers(levelsOf(outer), levelsOf(inner))).toBe(all)
      }),
    )
  })

  it.each([
    ['#', '+/#', true],
    ['+/#', '#', true],
    ['#', '$SYS/#', false],
    ['a/#', 'a', true],
    ['a/+/#', 'a/#', false],
    ['a/+', 'a/#', false],
    ['/+/#', '/#', true],
    ['+/b', 'a/b', true],
    ['a/b', 'a/+', false],
  ])('of %s and %s is %s', (outer, inner, answer) => {
    expect(covers(levelsOf(outer), levelsOf(inner))).toBe(answer)
  })
})

describe('intersection', () => {
  it('matches exactly the names that both match', () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const both = intersection(levelsOf(a), levelsOf(b))
        const found = both === undefined ? [] : names.filter((topic) => isMatch(both.join('/'), topic))
        expect(found).toEqual(names.filter((topic) => isMatch(a, topic) && isMatch(b, topic)))
      }),
    )
  })

  it('is undefined only where no name is matched by both', () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const some = names.some((topic) => isMatch(a, topic) && isMatch(b, topic))
        expect(intersection(levelsOf(a), levelsOf(b)) !== undefined).toBe(some)
      }),
    )
  })
})
