import type { TopicNode, TopicNodes } from './topic-nodes.ts'

/** A part of a list of nodes, and how long the whole is. */
export interface NodeWindow {
  readonly nodes: readonly TopicNode[]
  readonly total: number
}

/**
 * The lines of a tree of which some nodes are open, from one line on. What it costs depends on the nodes that are open and
 * the lines that are asked for, not on how many there are.
 */
export function treeWindow(tree: TopicNodes, open: readonly string[], from: number, limit: number): NodeWindow {
  const opened = openBelow(tree, open)
  const lengths = new Map<TopicNode, number>()
  const total = lengthOf(tree.root, opened, lengths)
  const nodes: TopicNode[] = []
  collect(tree.root, { opened, lengths, nodes, limit }, from)
  return { nodes, total }
}

/** The open nodes by the node above them, in their order. */
function openBelow(tree: TopicNodes, open: readonly string[]): Map<TopicNode, TopicNode[]> {
  const nodes = new Set<TopicNode>()
  for (const path of open) {
    const node = tree.find(path)
    if (node !== undefined && node.children.size > 0) nodes.add(node)
  }
  const below = new Map<TopicNode, TopicNode[]>()
  for (const node of nodes) {
    const { parent } = node
    if (parent === undefined) continue
    const siblings = below.get(parent)
    if (siblings === undefined) below.set(parent, [node])
    else siblings.push(node)
  }
  for (const [parent, siblings] of below) {
    // Gives each its place.
    parent.sorted()
    siblings.sort((a, b) => a.place - b.place)
  }
  return below
}

/** How many lines stand below a node that is open. */
function lengthOf(
  node: TopicNode,
  opened: ReadonlyMap<TopicNode, readonly TopicNode[]>,
  lengths: Map<TopicNode, number>,
): number {
  let length = node.children.size
  for (const child of opened.get(node) ?? []) length += lengthOf(child, opened, lengths)
  lengths.set(node, length)
  return length
}

interface Collecting {
  readonly opened: ReadonlyMap<TopicNode, readonly TopicNode[]>
  readonly lengths: ReadonlyMap<TopicNode, number>
  readonly nodes: TopicNode[]
  readonly limit: number
}

/** @param skip lines to pass over first @returns how many are left to pass over */
function collect(node: TopicNode, work: Collecting, skip: number): number {
  const { lengths, limit, nodes, opened } = work
  const children = node.sorted()
  let next = 0
  let left = skip
  /** Takes the children up to a place, itself not included. */
  const takeTo = (end: number) => {
    const passed = Math.min(left, end - next)
    left -= passed
    for (let at = next + passed; at < end && nodes.length < limit; at++) nodes.push(children[at] as TopicNode)
    next = end
  }
  for (const child of opened.get(node) ?? []) {
    if (nodes.length >= limit) return left
    takeTo(child.place + 1)
    const length = lengths.get(child) ?? 0
    if (left >= length) left -= length
    else left = collect(child, work, left)
  }
  takeTo(children.length)
  return left
}
