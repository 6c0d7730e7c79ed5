import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Paint } from './tones.ts'
import {
  mostRows,
  plainName,
  pressKey,
  splitValue,
  type TreeNode,
  type TreeState,
  tellsOf,
  toggle,
  visibleRows,
} from './tree-model.ts'
import './packet-tree.css'

export interface PacketTreeProps {
  readonly nodes: readonly TreeNode[]
  readonly paint: Paint
  readonly state: TreeState
  readonly onState: (state: TreeState) => void
  /** The octet that the pointer is on in the hex view. */
  readonly hoveredOctet: number | undefined
  readonly onHover: (node: TreeNode | undefined) => void
  readonly isWrong: (node: TreeNode) => boolean
}

/** The fields of a packet, an ARIA tree: arrow keys walk, open and close. */
export function PacketTree(props: PacketTreeProps) {
  const { nodes, state, onState, onHover } = props
  const tree = useRef<HTMLDivElement>(null)
  const { rows, cut } = visibleRows(nodes, state.expanded)
  const tabStop = rows.some((row) => row.id === state.active) ? state.active : rows[0]?.id

  useEffect(() => {
    if (state.active === undefined) return
    const row = tree.current?.querySelector<HTMLElement>(`[data-id="${state.active}"]`)
    row?.scrollIntoView({ block: 'nearest' })
    if (tree.current?.contains(document.activeElement) === true) row?.focus({ preventScroll: true })
  }, [state.active])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const next = pressKey(nodes, state, event.key)
    if (next === undefined) return
    event.preventDefault()
    onState(next)
  }
  return (
    <div
      ref={tree}
      className="tree"
      role="tree"
      aria-label="Fields"
      onKeyDown={onKeyDown}
      onPointerLeave={() => onHover(undefined)}
    >
      {rows.map((row) => (
        <TreeRow key={row.id} {...props} row={row} isTabStop={row.id === tabStop} />
      ))}
      {cut && <p className="tree-cut">only the first {mostRows} fields are shown</p>}
    </div>
  )
}

interface TreeRowProps extends PacketTreeProps {
  readonly row: TreeNode
  readonly isTabStop: boolean
}

function TreeRow({ row, isTabStop, paint, state, onState, onHover, hoveredOctet, isWrong }: TreeRowProps) {
  const { field, children, level } = row
  const expanded = state.expanded.has(row.id)
  const [onWire, words] = splitValue(field.value)
  const tone = paint.toneOf(field)
  const classes = ['tree-row']
  if (hoveredOctet !== undefined && tellsOf(row, state.expanded, hoveredOctet)) classes.push('tree-lit')
  const valueClass = isWrong(row) ? 'tree-wrong' : tone === undefined ? '' : `tone-${tone}`
  const activate = () => onState({ ...state, active: row.id })
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys of all its rows
    <div
      role="treeitem"
      data-id={row.id}
      className={classes.join(' ')}
      aria-level={level}
      aria-selected={state.active === row.id}
      aria-expanded={children.length === 0 ? undefined : expanded}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={state.active === row.id ? undefined : activate}
      onClick={activate}
      onPointerEnter={() => onHover(row)}
    >
      <span className="tree-offset">{field.start}</span>
      <span className="tree-name" style={{ paddingLeft: (level - 1) * 10 + 10 }}>
        {children.length > 0 && (
          // biome-ignore lint/a11y/noStaticElementInteractions: a bigger target for what the arrow keys do as well
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <span
            className={expanded ? 'tree-caret tree-caret-open' : 'tree-caret'}
            onClick={(event) => {
              event.stopPropagation()
              onState(toggle(state, row.id))
            }}
          />
        )}
        {plainName(field.name)}
      </span>
      <span className="tree-value">
        {onWire !== '' && <span className={`tree-on-wire ${valueClass}`}>{onWire}</span>}
        {words}
        {field.remark !== undefined && <span className="tree-remark"> {field.remark}</span>}
      </span>
    </div>
  )
}
