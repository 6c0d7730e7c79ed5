import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNatural } from '../../../../../main/broker/topics/natural-order.ts'
import { type TopicNode, TopicNodes } from '../../../../../main/broker/topics/topic-nodes.ts'
import { treeWindow } from '../../../../../main/broker/topics/tree-window.ts'

function treeOf(topics: readonly string[]): TopicNodes {
  const tree = new TopicNodes(10_000, 10_000)
  for (const topic of topics) tree.open(topic)
  return tree
}

/** All lines, by walking the whole tree. */
function everyLine(node: TopicNode, open: ReadonlySet<string>): string[] {
  const children = [...node.children.values()].sort((a, b) => compareNatural(a.level, b.level))
  return children.flatMap((child) => [child.path, ...(open.has(child.path) ? everyLine(child, open) : [])])
}

const topic = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '1', '10'), { minLength: 1, maxLength: 4 })
  .map((l) => l.join('/'))
const topics = fc.array(topic, { maxLength: 30 })

describe('the lines of the tree that are in sight', () => {
  it('are those of the whole tree, from one on', () => {
    fc.assert(
      fc.property(
        topics,
        fc.array(topic, { maxLength: 15 }),
        fc.nat(20),
        fc.nat(20),
        topics,
        (all, open, from, limit, more) => {
          const tree = treeOf(all)
          treeWindow(tree, open, from, limit)
          // What comes later finds its place among what was sorted before.
          for (const name of more) tree.open(name)
          const lines = everyLine(tree.root, new Set(open))
          const { nodes, total } = treeWindow(tree, open, from, limit)
          expect(total).toBe(lines.length)
          expect(nodes.map(({ path }) => path)).toEqual(lines.slice(from, from + limit))
        },
      ),
    )
  })

  it('know how many topics are below', () => {
    const tree = treeOf(['plant/pump-1/temperature', 'plant/pump-1/status', 'plant/pump-1', 'plant/pump-1', '/x'])
    expect(treeWindow(tree, ['plant'], 0, 10).nodes.map(({ path, topics: below }) => [path, below])).toEqual([
      ['', 1],
      ['plant', 3],
      ['plant/pump-1', 3],
    ])
  })

  it('do not grow without end with a topic of very many levels, or with very many topics', () => {
    const tree = new TopicNodes(2, 1000)
    const deep = 'a/'.repeat(30_000)
    expect(tree.open(deep)?.path).toBe(deep)
    expect(tree.open(deep)?.depth).toBe(63)
    expect(tree.open('b')?.path).toBe('b')
    expect(tree.open('c')).toBeUndefined()
    expect(tree.open('b')?.path).toBe('b')
  })
})
