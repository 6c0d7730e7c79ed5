interface Node<T> {
  children: Map<string, Node<T>> | undefined
  value: T | undefined
}

/** The children of one place, of which some were looked at. */
interface Open<T> {
  readonly children: Iterator<[string, Node<T>]>
  readonly depth: number
  /** Those of `$` topics are not for it [MQTT-4.7.2-1]. */
  readonly hides: boolean
}

/** After so many places it is said that there was nothing, so that whoever looks can do something else. */
const pause = 1024

function node<T>(): Node<T> {
  return { children: undefined, value: undefined }
}

/** Values by Topic Name, found by Topic Filter [§4.7]. Of any number of levels: nothing here calls itself. */
export class TopicTree<T> {
  readonly #root = node<T>()
  #size = 0
  #levels = 0

  get size(): number {
    return this.#size
  }

  /** Levels of all topics together; those that topics have in common count once. */
  get levels(): number {
    return this.#levels
  }

  get(topic: string): T | undefined {
    let at: Node<T> | undefined = this.#root
    for (const level of topic.split('/')) {
      at = at.children?.get(level)
      if (at === undefined) return undefined
    }
    return at.value
  }

  set(topic: string, value: T): void {
    let at = this.#root
    for (const level of topic.split('/')) {
      at.children ??= new Map()
      let next = at.children.get(level)
      if (next === undefined) {
        next = node()
        at.children.set(level, next)
        this.#levels++
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
      const next = path[path.length - 1]?.children?.get(level)
      if (next === undefined) return false
      path.push(next)
    }
    const last = path[path.length - 1] as Node<T>
    if (last.value === undefined) return false
    last.value = undefined
    this.#size--
    for (let depth = levels.length; depth > 0; depth--) {
      const at = path[depth] as Node<T>
      if (at.value !== undefined || (at.children !== undefined && at.children.size > 0)) break
      path[depth - 1]?.children?.delete(levels[depth - 1] as string)
      this.#levels--
    }
    return true
  }

  /** Every value whose topic the filter matches; one that begins with a wildcard matches no `$` topic [MQTT-4.7.2-1]. */
  match(filter: string): T[] {
    return present(this.#walk(filter, true))
  }

  /**
   * As `match`, one after the other, each looked for when it is asked for. What is set or deleted meanwhile may be among
   * them or not. Undefined says that a while was spent without finding any: it is not the end.
   */
  matching(filter: string): Generator<T | undefined, void> {
    return this.#walk(filter, true)
  }

  /** Every value, in no order that means anything. */
  all(): T[] {
    return present(this.#walk('#', false))
  }

  /** Topics of one parent come in the order in which they were first set, and after it: `a/#` matches `a` too [§4.7.1.2]. */
  *#walk(filter: string, hides: boolean): Generator<T | undefined, void> {
    const levels = filter.split('/')
    const open: Open<T>[] = []
    let at: Node<T> | undefined = this.#root
    let depth = 0
    for (let looked = 1; ; looked++) {
      while (at !== undefined) {
        const level = levels[depth]
        const isAll = level === '#'
        if ((isAll || level === undefined) && at.value !== undefined) yield at.value
        if (level !== undefined && level !== '+' && !isAll) {
          at = at.children?.get(level)
          depth++
          continue
        }
        if (level !== undefined && at.children !== undefined) {
          const isRoot = at === this.#root
          open.push({ children: at.children.entries(), depth: isAll ? depth : depth + 1, hides: hides && isRoot })
        }
        at = undefined
      }
      const last = open[open.length - 1]
      if (last === undefined) return
      const next = last.children.next()
      if (next.done) open.pop()
      else if (!(last.hides && next.value[0].startsWith('$'))) {
        at = next.value[1]
        depth = last.depth
      }
      if (looked % pause === 0) yield undefined
    }
  }
}

function present<T>(found: Iterable<T | undefined>): T[] {
  const values: T[] = []
  for (const value of found) if (value !== undefined) values.push(value)
  return values
}
