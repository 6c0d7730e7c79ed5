import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TopicTree } from '../../../../app/session/topic-tree.ts'
import { naivelyMatches } from '../../main/broker/model/naive-matching.ts'

const level = fc.constantFrom('', 'a', 'b', '$', '$SYS', 'é')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => (all ? [...levels.slice(1), '#'] : levels).join('/'))
const change = fc.record({ topic, deletes: fc.boolean() })

/** The tree, and a list that does the same. */
function made(changes: readonly { topic: string; deletes: boolean }[]): [TopicTree<number>, Map<string, number>] {
  const tree = new TopicTree<number>()
  const plain = new Map<string, number>()
  for (const [at, { topic, deletes }] of changes.entries()) {
    if (deletes) expect(tree.delete(topic)).toBe(plain.delete(topic))
    else {
      tree.set(topic, at)
      plain.set(topic, at)
    }
  }
  return [tree, plain]
}

function sorted(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b)
}

describe('TopicTree', () => {
  it('finds what a plain reading of the rules for wildcards finds', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), filter, (changes, filter) => {
        const [tree, plain] = made(changes)
        const matching = [...plain].filter(([topic]) => naivelyMatches(filter, topic)).map(([, value]) => value)
        expect(sorted(tree.match(filter))).toEqual(sorted(matching))
      }),
      { numRuns: 1000 },
    )
  })

  it('holds what was set and not deleted', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), topic, (changes, topic) => {
        const [tree, plain] = made(changes)
        expect(tree.size).toBe(plain.size)
        const prefixes = [...plain.keys()].flatMap((name) =>
          name.split('/').map((_, at, all) => all.slice(0, at + 1).join('/')),
        )
        expect(tree.levels).toBe(new Set(prefixes).size)
        expect(tree.get(topic)).toBe(plain.get(topic))
        expect(sorted(tree.all())).toEqual(sorted(plain.values()))
      }),
    )
  })

  it('gives the topics of one parent in the order in which they were first set', () => {
    const tree = new TopicTree<string>()
    for (const name of ['c', 'a', 'b', 'a']) tree.set(`room/${name}`, name)
    expect(tree.match('room/+')).toEqual(['c', 'a', 'b'])
    expect(tree.match('room/#')).toEqual(['c', 'a', 'b'])
  })

  it('is searched while it changes: what was there from the first to the last is found once, what is gone is not', () => {
    const tree = new TopicTree<number>()
    for (let n = 0; n < 3000; n++) tree.set(`a/${n}/x`, n)
    const found: (number | undefined)[] = []
    for (const value of tree.matching('a/+/x')) {
      found.push(value)
      if (value === 10) for (let n = 100; n < 200; n++) tree.delete(`a/${n}/x`)
      if (value === 20) for (let n = 100; n < 150; n++) tree.set(`a/${n}/x`, -n)
    }
    const expected = Array.from({ length: 3000 }, (_, n) => n).filter((n) => n < 100 || n >= 200)
    expect(found.filter((value) => value !== undefined && value >= 0)).toEqual(expected)
    expect(found).toContain(undefined)
  })

  it('takes topics of as many levels as there can be', () => {
    const tree = new TopicTree<number>()
    const deepest = '/'.repeat(65_535)
    tree.set(deepest, 1)
    expect(tree.match('#')).toEqual([1])
    expect(tree.match(`${'+/'.repeat(65_535)}+`)).toEqual([1])
    expect(tree.delete(deepest)).toBe(true)
    expect(tree.size).toBe(0)
  })
})
