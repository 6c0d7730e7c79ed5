interface Node<T> {
  readonly children: Map<string, Node<T>>
  value: T | undefined
}

function node<T>(): Node<T> {
  return { children: new Map(), value: undefined }
}

/** Values by Topic Name, found by Topic Filter [§4.7]. Of any number of levels: nothing here calls itself. */
export class TopicTree<T> {
  readonly #root = node<T>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(topic: string): T | undefined {
    let at: Node<T> | undefined = this.#root
    for (const level of topic.split('/')) {
      at = at.children.get(level)
      if (at === undefined) return undefined
    }
    return at.value
  }

  set(topic: string, value: T): void {
    let at = this.#root
    for (const level of topic.split('/')) {
      let next = at.children.get(level)
      if (next === undefined) {
        next = node()
        at.children.set(level, next)
      }
      at = next
    }
    if (at.value === undefined) this.#size++
    at.value = value
  }

  /** @returns whether there was one */
  delete(topic: string): boolean {
    const levels = topic.split('/')
    const path: Node<T>[] = [this.#root]
    for (const level of levels) {
      const next = path[path.length - 1]?.children.get(level)
      if (next === undefined) return false
      path.push(next)
    }
    const last = path[path.length - 1] as Node<T>
    if (last.value === undefined) return false
    last.value = undefined
    this.#size--
    for (let depth = levels.length; depth > 0; depth--) {
      const at = path[depth] as Node<T>
      if (at.value !== undefined || at.children.size > 0) break
      path[depth - 1]?.children.delete(levels[depth - 1] as string)
    }
    return true
  }

  /** Every value whose topic the filter matches; one that begins with a wildcard matches no `$` topic [MQTT-4.7.2-1]. */
  match(filter: string): T[] {
    const found: T[] = []
    const levels = filter.split('/')
    // The newest at the end: topics of one parent come in the order in which they were first set.
    const open: [at: Node<T>, depth: number][] = [[this.#root, 0]]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [at, depth] = next
      const level = levels[depth]
      if (level === '#') this.#collect(at, depth === 0, found)
      else if (level === undefined) {
        if (at.value !== undefined) found.push(at.value)
      } else if (level === '+') {
        const children = [...at.children].reverse()
        for (const [name, child] of children) if (depth > 0 || !name.startsWith('$')) open.push([child, depth + 1])
      } else {
        const child = at.children.get(level)
        if (child !== undefined) open.push([child, depth + 1])
      }
    }
    return found
  }

  /** Every value, in no order that means anything. */
  all(): T[] {
    const found: T[] = []
    this.#collect(this.#root, false, found)
    return found
  }

  /** The value of the node and all below it: `a/#` matches `a` too [§4.7.1.2]. */
  #collect(from: Node<T>, isRoot: boolean, found: T[]): void {
    const open = [from]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at.value !== undefined) found.push(at.value)
      const children = [...at.children].reverse()
      for (const [name, child] of children) if (!(isRoot && at === from && name.startsWith('$'))) open.push(child)
    }
  }
}
