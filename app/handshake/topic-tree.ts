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

  /** Everybody whose filter matches, each once. */
  match(topic: string): Set<T> {
    const found = new Set<T>()
    if (this.#size === 0) return found
    const levels = topic.split('/')
    const take = (node: Node<T> | undefined) => {
      if (node) for (const value of node.values) found.add(value)
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

function isNode<T>(node: Node<T> | undefined): node is Node<T> {
  return node !== undefined
}
