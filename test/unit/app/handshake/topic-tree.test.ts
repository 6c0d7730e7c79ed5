import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesTopic, TopicTree } from '../../../../app/handshake/topic-tree.ts'

/** [MQTT 3.1.1 §4.7], level by level. */
function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const levels = topic.split('/')
  const parts = filter.split('/')
  for (const [i, part] of parts.entries()) {
    if (part === '#') return true
    if (levels[i] === undefined || (part !== '+' && part !== levels[i])) return false
  }
  return parts.length === levels.length
}

const level = fc.constantFrom('a', 'b', '', '$S')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '', '+', '$S'), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))

describe('a tree of Topic Filters', () => {
  it('finds those that match, as the specification says', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(filter, fc.constant('#'))), topic, (filters, topic) => {
        const tree = new TopicTree<string>()
        for (const filter of filters) tree.add(filter, filter)
        expect([...tree.match(topic, 1000).some].sort()).toEqual(
          [...new Set(filters)].filter((f) => matches(f, topic)).sort(),
        )
      }),
    )
  })

  it('matches the parent of # and keeps $ from wildcards', () => {
    const tree = new TopicTree<string>()
    for (const filter of ['a/#', '#', '+/x', '$SYS/#']) tree.add(filter, filter)
    expect([...tree.match('a', 9).some].sort()).toEqual(['#', 'a/#'])
    expect([...tree.match('$SYS/x', 9).some]).toEqual(['$SYS/#'])
  })

  it('is as before when what was added is taken away', () => {
    const change = fc.record({ filter, owner: fc.nat(2), add: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change), topic, (changes, topic) => {
        const tree = new TopicTree<number>()
        const all = new Set<string>()
        for (const { filter, owner, add } of changes) {
          if (add) tree.add(filter, owner)
          else tree.delete(filter, owner)
          all[add ? 'add' : 'delete'](`${owner} ${filter}`)
        }
        const owners = [...all].filter((entry) => matches(entry.slice(2), topic)).map((entry) => Number(entry[0]))
        expect([...tree.match(topic, 1000).some].sort()).toEqual([...new Set(owners)].sort())
        expect(tree.size).toBe(all.size)
      }),
    )
  })
})

describe('a tree of which only some are asked for', () => {
  it('counts each of them once, and names so many', () => {
    const filters = fc.array(fc.record({ filter, owner: fc.nat(5) }))
    fc.assert(
      fc.property(filters, topic, fc.nat(4), (all, topic, most) => {
        const tree = new TopicTree<number>()
        for (const { filter, owner } of all) tree.add(filter, owner)
        const owners = new Set(all.filter(({ filter }) => matches(filter, topic)).map(({ owner }) => owner))
        const { count, some } = tree.match(topic, most)
        expect(count).toBe(owners.size)
        expect(new Set(some).size).toBe(Math.min(most, owners.size))
        expect(some.every((owner) => owners.has(owner))).toBe(true)
      }),
    )
  })
})

describe('a Topic Filter', () => {
  it('matches the Topic Names that the specification says', () => {
    fc.assert(
      fc.property(fc.oneof(filter, fc.constant('#')), topic, (filter, topic) => {
        expect(matchesTopic(filter, topic)).toBe(matches(filter, topic))
      }),
    )
  })
})
