import type { Field } from '../../../app/mqtt/decoded.ts'

/** A field's place in the tree. */
export interface TreeNode {
  /** Its path, such as `3.0`; stays the same for the same field of the same packet. */
  readonly id: string
  readonly field: Field
  /** From 1. */
  readonly level: number
  readonly parent: TreeNode | undefined
  readonly children: readonly TreeNode[]
}

/** What is open, and where the keyboard is. */
export interface TreeState {
  readonly expanded: ReadonlySet<string>
  readonly active: string | undefined
}

/** How many rows are drawn at most; a packet can have a million fields. */
export const mostRows = 1000

/** The tree of a packet. What the fixed header consists of stands at the top, because everybody looks for it there. */
export function buildTree(fields: readonly Field[]): TreeNode[] {
  const [first, ...others] = fields
  const top = first?.name === 'Fixed Header' ? [...first.parts, ...others] : fields
  return top.map((field, i) => buildNode(field, String(i), 1, undefined))
}

function buildNode(field: Field, id: string, level: number, parent: TreeNode | undefined): TreeNode {
  const children: TreeNode[] = []
  const node = { id, field, level, parent, children }
  field.parts.forEach((part, i) => {
    children.push(buildNode(part, `${id}.${i}`, level + 1, node))
  })
  return node
}

/** At first the fields at the top are open. */
export function initialTree(nodes: readonly TreeNode[]): TreeState {
  const open = nodes.slice(0, mostRows).filter((node) => node.children.length > 0)
  return { expanded: new Set(open.map((node) => node.id)), active: undefined }
}

/** The rows in sight, from the top, and whether there are more than are drawn. */
export function visibleRows(
  nodes: readonly TreeNode[],
  expanded: ReadonlySet<string>,
): { rows: TreeNode[]; cut: boolean } {
  const rows: TreeNode[] = []
  let cut = false
  const visit = (node: TreeNode) => {
    if (rows.length === mostRows) cut = true
    if (cut) return
    rows.push(node)
    if (!expanded.has(node.id)) return
    for (const child of node.children) visit(child)
  }
  for (const node of nodes) {
    visit(node)
    if (cut) break
  }
  return { rows, cut }
}

/** What a key does, as the ARIA tree pattern says; undefined where it does nothing. */
export function pressKey(nodes: readonly TreeNode[], state: TreeState, key: string): TreeState | undefined {
  const { rows } = visibleRows(nodes, state.expanded)
  const index = rows.findIndex((row) => row.id === state.active)
  const node = rows[index]
  const goTo = (target: TreeNode | undefined) => target && { ...state, active: target.id }
  switch (key) {
    case 'ArrowDown':
      return goTo(rows[index + 1])
    case 'ArrowUp':
      return index === -1 ? goTo(rows[0]) : goTo(rows[index - 1])
    case 'Home':
      return goTo(rows[0])
    case 'End':
      return goTo(rows.at(-1))
    case 'ArrowRight':
      if (node === undefined || node.children.length === 0) return undefined
      return state.expanded.has(node.id) ? goTo(node.children[0]) : toggle(state, node.id)
    case 'ArrowLeft':
      if (node === undefined) return undefined
      return state.expanded.has(node.id) ? toggle(state, node.id) : goTo(node.parent)
    case 'Enter':
    case ' ':
      return node === undefined || node.children.length === 0 ? undefined : toggle(state, node.id)
    default:
      return undefined
  }
}

/** Opens or closes a node, and puts the keyboard there. */
export function toggle(state: TreeState, id: string): TreeState {
  const expanded = new Set(state.expanded)
  if (!expanded.delete(id)) expanded.add(id)
  return { expanded, active: id }
}

/** Puts the keyboard on the innermost field that holds this octet, and opens what it stands in. */
export function reveal(nodes: readonly TreeNode[], state: TreeState, at: number): TreeState {
  const expanded = new Set(state.expanded)
  let found: TreeNode | undefined
  let within: readonly TreeNode[] = nodes
  for (;;) {
    const next = within.find(({ field }) => field.start <= at && at < field.end)
    // Of the bits of one octet none is the one.
    if (next === undefined || (found !== undefined && next.field.bits !== undefined)) break
    if (found !== undefined) expanded.add(found.id)
    found = next
    within = next.children
  }
  return found === undefined ? state : { expanded, active: found.id }
}

/** Whether a row tells of this octet: it holds it, and no open row under it does so better. */
export function tellsOf(node: TreeNode, expanded: ReadonlySet<string>, at: number): boolean {
  const { start, end } = node.field
  return start <= at && at < end && (node.children.length === 0 || !expanded.has(node.id))
}

/** As the specification's name, but without capitals where they mean nothing: `packet identifier`, `QoS`, `DUP`. */
export function plainName(name: string): string {
  return name.replace(/\b[A-Z][a-z]+\b/g, (word) => word.toLowerCase())
}

/** A code or number at the start, which is what stands on the wire, and the words after it. */
export function splitValue(value: string): readonly [onWire: string, words: string] {
  const match = /^(0x[0-9a-f]{2}|\d+)( .*)$/s.exec(value)
  return match === null ? [value, ''] : [match[1] as string, match[2] as string]
}
