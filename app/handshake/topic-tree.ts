interface Node<T> {
  readonly children: Map<string, Node<T>>
  readonly values: Set<T>
}

/**
 * Topic Filters and who has them. Finding those that match a Topic Name takes as long as the name has levels, however
 * many filters there are [§4.7].
 */
export class TopicTree<T> {
  readonly #root: Node<T> = { children: new Map(), values: new Set() }
  #size = 0

  /** How many filters there are, counted once for each that has them. */
  get size(): number {
    return this.#size
  }

  add(filter: string, value: T): void {
    let node = this.#root
    for (const level of filter.split('/')) {
      let child = node.children.get(level)
      if (child === undefined) {
        child = { children: new Map(), values: new Set() }
        node.children.set(level, child)
      }
      node = child
    }
    if (node.values.has(value)) return
    node.values.add(value)
    this.#size += 1
  }

  delete(filter: string, value: T): void {
    const levels = filter.split('/')
    const path = [this.#root]
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (child === undefined) return
      path.push(child)
    }
    if (!path.at(-1)?.values.delete(value)) return
    this.#size -= 1
    // What is empty now goes, so that filters that come and go leave nothing behind.
    for (let depth = path.length - 1; depth > 0; depth--) {
      const node = path[depth] as Node<T>
      if (node.values.size > 0 || node.children.size > 0) return
      path[depth - 1]?.children.delete(levels[depth - 1] as string)
    }
  }

  /**
   * How many there are whose filter matches, each counted once, and at most `most` of them. Those of the filter that most
   * have are not gone through.
   */
  match(topic: string, most: number): { readonly count: number; readonly some: readonly T[] } {
    const found = this.#find(topic)
      .map(({ values }) => values)
      .sort((a, b) => b.size - a.size)
    const some: T[] = []
    let count = 0
    for (const [i, values] of found.entries()) {
      if (i === 0) count = values.size
      for (const value of values) {
        if (i === 0 && some.length >= most) break
        if (i > 0 && isIn(found, i, value)) continue
        if (i > 0) count += 1
        if (some.length < most) some.push(value)
      }
    }
    return { count, some }
  }

  /** The nodes of filters that match, and that somebody has. */
  #find(topic: string): Node<T>[] {
    const found: Node<T>[] = []
    if (this.#size === 0) return found
    const levels = topic.split('/')
    const take = (node: Node<T> | undefined) => {
      if (node && node.values.size > 0) found.push(node)
    }
    let nodes = [this.#root]
    for (let depth = 0; depth <= levels.length && nodes.length > 0; depth++) {
      // A wildcard at the start does not match topics that begin with $ [MQTT-4.7.2-1].
      const wild = depth > 0 || !topic.startsWith('$')
      if (wild) for (const node of nodes) take(node.children.get('#'))
      if (depth === levels.length) break
      const level = levels[depth] as string
      nodes = nodes
        .flatMap((node) => [node.children.get(level), wild ? node.children.get('+') : undefined])
        .filter(isNode)
    }
    // `a/#` matches `a` as well [§4.7.1.2]: the loop has looked for # below the last level.
    for (const node of nodes) take(node)
    return found
  }
}

/** Whether one of the first `count` sets has it. */
function isIn<T>(sets: readonly Set<T>[], count: number, value: T): boolean {
  for (let i = 0; i < count; i++) if (sets[i]?.has(value)) return true
  return false
}

/** Whether a Topic Filter matches a Topic Name [§4.7]. */
export function matchesTopic(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  let at = 0
  for (let i = 0; i < filter.length; i++) {
    const char = filter[i]
    if (char === '#') return true
    if (char === '+') {
      const end = topic.indexOf('/', at)
      at = end < 0 ? topic.length : end
    } else if (char === topic[at]) {
      at += 1
    } else {
      // `a/#` matches `a` as well [§4.7.1.2].
      return at === topic.length && filter.length === i + 2 && filter.endsWith('/#')
    }
  }
  return at === topic.length
}

function isNode<T>(node: Node<T> | undefined): node is Node<T> {
  return node !== undefined
}
