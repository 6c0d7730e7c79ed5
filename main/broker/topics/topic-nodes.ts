import { atOnce } from './slices.ts'
import { merging, sorting } from './sorted-levels.ts'

/** Levels of a Topic Name that are told apart; what follows is one name. */
const mostLevels = 64

/** So many are looked at in one step of long work. */
const seenAtOnce = 256

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
    return atOnce(this.sorting())
  }

  /** As `sorted`, in short steps. Levels may come meanwhile. */
  *sorting(): Generator<undefined, readonly TopicNode[]> {
    while (this.#unsorted.length > 0) {
      const unsorted = this.#unsorted
      const news = [...unsorted]
      const merged = yield* merging(this.#sorted, yield* sorting(news))
      // Somebody else may have sorted them meanwhile.
      if (this.#unsorted === unsorted) this.#take(merged, unsorted.slice(news.length))
    }
    return this.#sorted
  }

  #take(sorted: TopicNode[], unsorted: TopicNode[]): void {
    this.#sorted = sorted
    this.#unsorted = unsorted
    sorted.forEach((child, place) => {
      child.place = place
    })
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

  /** Those of the topics that somebody wants, in the order of the tree. In short steps. */
  *select(isWanted: (topic: string) => boolean): Generator<undefined, TopicNode[]> {
    const found: TopicNode[] = []
    let seen = 0
    // The next one at the end.
    const open = [this.root]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at.topic !== undefined && isWanted(at.topic)) found.push(at)
      if (++seen % seenAtOnce === 0) yield
      const children = yield* at.sorting()
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
