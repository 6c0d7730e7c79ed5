import { compareNatural } from './natural-order.ts'

/** Levels of a Topic Name that are told apart; what follows is one name. */
const mostLevels = 64

/** A level of Topic Names, with all that begins so. */
export class TopicNode {
  readonly level: string
  readonly parent: TopicNode | undefined
  /** -1 for the root, which is no level. */
  readonly depth: number
  /** Numbers all nodes from 0. */
  readonly slot: number
  readonly children = new Map<string, TopicNode>()
  /** Those that end here or below. */
  topics = 0
  /** Its Topic Name, where one ends here. */
  topic: string | undefined
  messages = 0
  /** Wall time of the last message; 0 for none. */
  time = 0
  /** Its place among its siblings, as of the last `sorted` of its parent. */
  place = 0
  #sorted: TopicNode[] = []
  #unsorted: TopicNode[] = []

  constructor(level: string, parent: TopicNode | undefined, slot: number) {
    this.level = level
    this.parent = parent
    this.depth = parent === undefined ? -1 : parent.depth + 1
    this.slot = slot
  }

  get path(): string {
    if (this.topic !== undefined) return this.topic
    const levels: string[] = []
    for (let at: TopicNode = this; at.parent !== undefined; at = at.parent) levels.push(at.level)
    return levels.reverse().join('/')
  }

  add(child: TopicNode): void {
    this.children.set(child.level, child)
    this.#unsorted.push(child)
  }

  /** The levels below in their order. Sorts only what is new: topics come by the thousand, and mostly one by one. */
  sorted(): readonly TopicNode[] {
    if (this.#unsorted.length > 0) {
      const news = this.#unsorted.sort((a, b) => compareNatural(a.level, b.level))
      this.#sorted = this.#sorted.length === 0 ? news : merge(this.#sorted, news)
      this.#unsorted = []
      this.#sorted.forEach((child, place) => {
        child.place = place
      })
    }
    return this.#sorted
  }
}

/** Topic Names as a tree, found by name at once. It grows up to a bound, and never shrinks. */
export class TopicNodes {
  readonly root = new TopicNode('', undefined, 0)
  readonly #byTopic = new Map<string, TopicNode>()
  readonly #mostTopics: number
  readonly #mostNodes: number
  #nodes = 1

  constructor(mostTopics: number, mostNodes: number) {
    this.#mostTopics = mostTopics
    this.#mostNodes = mostNodes
  }

  get(topic: string): TopicNode | undefined {
    return this.#byTopic.get(topic)
  }

  /** Those of the topics that somebody wants, in the order of the tree. */
  select(isWanted: (topic: string) => boolean): TopicNode[] {
    const found: TopicNode[] = []
    // The next one at the end.
    const open = [this.root]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at.topic !== undefined && isWanted(at.topic)) found.push(at)
      const children = at.sorted()
      for (let i = children.length - 1; i >= 0; i--) open.push(children[i] as TopicNode)
    }
    return found
  }

  /** Finds or makes the node of a topic; undefined where there is no room for it. */
  open(topic: string): TopicNode | undefined {
    const known = this.#byTopic.get(topic)
    if (known !== undefined) return known
    const levels = levelsOf(topic)
    if (this.#byTopic.size >= this.#mostTopics || this.#nodes + levels.length > this.#mostNodes) return undefined
    let at = this.root
    for (const level of levels) at = at.children.get(level) ?? this.#make(level, at)
    at.topic = topic
    this.#byTopic.set(topic, at)
    for (let up: TopicNode | undefined = at; up !== undefined; up = up.parent) up.topics++
    return at
  }

  /** The node of the first levels of some topics. */
  find(path: string): TopicNode | undefined {
    let at: TopicNode | undefined = this.root
    for (const level of levelsOf(path)) {
      at = at.children.get(level)
      if (at === undefined) return undefined
    }
    return at
  }

  #make(level: string, parent: TopicNode): TopicNode {
    const node = new TopicNode(level, parent, this.#nodes++)
    parent.add(node)
    return node
  }
}

function levelsOf(topic: string): string[] {
  const levels = topic.split('/')
  if (levels.length <= mostLevels) return levels
  return [...levels.slice(0, mostLevels - 1), levels.slice(mostLevels - 1).join('/')]
}

/** Both are sorted. */
function merge(a: readonly TopicNode[], b: readonly TopicNode[]): TopicNode[] {
  const merged: TopicNode[] = []
  let i = 0
  for (const next of b) {
    for (; i < a.length; i++) {
      const other = a[i] as TopicNode
      if (compareNatural(other.level, next.level) > 0) break
      merged.push(other)
    }
    merged.push(next)
  }
  for (; i < a.length; i++) merged.push(a[i] as TopicNode)
  return merged
}
