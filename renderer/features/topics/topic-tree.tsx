import { type KeyboardEvent, memo, useEffect, useId } from 'react'
import { useStore } from '../../state/store.ts'
import type { TopicBrowser, TopicRow } from '../../state/topic-browser.ts'
import { Chip } from '../../ui/chip.tsx'
import { formatRate } from '../../ui/format.ts'
import { useScroller } from '../../ui/use-scroller.ts'
import { describeRow, levelName } from './topic-words.ts'
import '../../ui/list-row.css'

const rowHeight = 25
/** Rows beyond the edges that are asked for, so that scrolling shows few blanks. */
const overscan = 40
/** A window begins at a multiple of this: scrolling by a row asks for nothing. */
const grid = 20

/** The tree of topics. Only the rows in sight exist, here and on the way from the workbench. */
export function TopicTree({ topics }: { readonly topics: TopicBrowser }) {
  const id = useId()
  const answer = useStore(topics.page.answer)
  const selected = useStore(topics.selected)
  const { attach, height, onScroll, reveal, scrolled } = useScroller()
  useEffect(() => {
    if (height === 0) return
    const from = Math.max(0, Math.floor((Math.floor(scrolled / rowHeight) - overscan) / grid) * grid)
    const limit = Math.ceil((Math.ceil(height / rowHeight) + 2 * overscan) / grid + 1) * grid
    topics.scroll(from, Math.min(500, limit))
  }, [topics, scrolled, height])
  const { rows = [], total = 0 } = answer?.result ?? {}
  const from = answer?.params.from ?? 0
  const index = rows.findIndex(({ path }) => path === selected)
  const choose = (next: TopicRow | undefined, at: number) => {
    if (next === undefined) return
    topics.select(next.path)
    const top = (from + at) * rowHeight
    reveal(top, top + rowHeight)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[index]
    if (event.key === 'ArrowDown') choose(rows[index + 1], index + 1)
    else if (event.key === 'ArrowUp') choose(rows[Math.max(0, index - 1)], Math.max(0, index - 1))
    else if (row !== undefined && row.children > 0 && event.key === (row.open ? 'ArrowLeft' : 'ArrowRight')) {
      topics.toggle(row.path)
    } else return
    event.preventDefault()
  }
  return (
    <div className="topic-scroll" ref={attach} onScroll={onScroll}>
      <div
        className="topic-rows"
        role="tree"
        aria-label="Topics"
        tabIndex={0}
        aria-activedescendant={index < 0 ? undefined : `${id}${from + index}`}
        style={{ height: total * rowHeight }}
        onKeyDown={onKeyDown}
      >
        {rows.map((row, i) => (
          <Row
            key={row.path}
            id={`${id}${from + i}`}
            row={row}
            top={(from + i) * rowHeight}
            selected={row.path === selected}
            topics={topics}
          />
        ))}
      </div>
    </div>
  )
}

interface RowProps {
  readonly id: string
  readonly row: TopicRow
  readonly top: number
  readonly selected: boolean
  readonly topics: TopicBrowser
}

const Row = memo(function Row({ id, row, top, selected, topics }: RowProps) {
  const { children, depth, level, open, path, payload, rate, retained } = row
  const isBranch = children > 0
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active item
    <div
      id={id}
      role="treeitem"
      className="list-row topic-row"
      style={{ top, height: rowHeight, paddingLeft: 8 + depth * 16 }}
      aria-level={depth + 1}
      aria-expanded={isBranch ? open : undefined}
      aria-selected={selected}
      onClick={() => topics.select(path)}
      onDoubleClick={() => isBranch && topics.toggle(path)}
      data-testid={`topic-${path}`}
    >
      {isBranch ? (
        <button
          type="button"
          className="topic-toggle"
          tabIndex={-1}
          aria-label={`${open ? 'Close' : 'Open'} ${path}`}
          onClick={(event) => {
            event.stopPropagation()
            topics.toggle(path)
          }}
        >
          {open ? '▾' : '▸'}
        </button>
      ) : (
        <span className="topic-toggle" />
      )}
      <span className={payload === undefined ? 'topic-level topic-level-branch' : 'topic-level'} title={path}>
        {levelName(level)}
      </span>
      {retained && (
        <Chip tone="purple" title="A message is retained under this very name">
          R
        </Chip>
      )}
      <span className="topic-about">{describeRow(row)}</span>
      <span className="topic-rate">{formatRate(rate)}</span>
    </div>
  )
})
