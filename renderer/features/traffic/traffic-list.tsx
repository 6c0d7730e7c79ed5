import { type KeyboardEvent, useCallback, useEffect, useId, useMemo } from 'react'
import type { Event } from '../../../app/base/emitter.ts'
import { type Store, useStore } from '../../state/store.ts'
import { useHeight } from '../../ui/use-height.ts'
import { ElapsedTimes, type Records } from './elapsed.ts'
import { absentRow, formatRow, type RowContext, type RowView } from './row.ts'
import { Scrollbar } from './scrollbar.tsx'
import './traffic.css'
import { TrafficRow } from './traffic-row.tsx'
import { usePainting } from './use-painting.ts'
import {
  bottomOf,
  type Extent,
  everyRecord,
  type Positions,
  scrollBy,
  scrollTo,
  select,
  type TrafficView,
  togglePause,
  topOf,
} from './viewport.ts'

const rowHeight = 22

export interface TrafficSource extends Records {
  readonly onChanged: Event<void>
  readonly oldest: number
  readonly last: number
  /** Records that have left the workbench. */
  readonly evicted: number
  /** The record is missing in the recording, for good. */
  isLost(number: number): boolean
  /** Says which records are looked at, so that missing ones are read. */
  look(from: number, to: number): void
  /** The same of records that may lie far apart, ascending. */
  lookAt(numbers: readonly number[]): void
}

/** The records that a filter matches. */
export interface TrafficIndex extends Positions {
  readonly onChanged: Event<void>
  /** Undefined where every record is shown, and the index is of no use. */
  readonly filter: { readonly text: string } | undefined
  readonly progress: number | undefined
}

export interface TrafficListProps {
  readonly source: TrafficSource
  /** Without it the list shows every record. */
  readonly index?: TrafficIndex
  readonly context: Omit<RowContext, 'elapsed'>
  /** Fires when the context knows more names than before. */
  readonly onNames: Event<void>
  readonly view: Store<TrafficView>
  readonly onClient: (clientId: string) => void
}

/** The captured records, newest at the bottom. Only the rows in sight exist. */
export function TrafficList({ source, index, context, onNames, view, onClient }: TrafficListProps) {
  const [body, height] = useHeight<HTMLDivElement>()
  const id = useId()
  usePainting(source, onNames, index?.onChanged)
  const shown = useStore(view)
  const elapsed = useMemo(() => new ElapsedTimes(source), [source])
  const extent = extentOf(source, index, height)
  const top = topOf(shown, extent)
  const first = Math.floor(top)
  const end = Math.min(extent.last, Math.ceil(top + height / rowHeight))
  const slots = Array.from({ length: Math.max(0, end - first + 1) }, (_, slot) => first + slot)
  // The first row that a screen reader counts: of all records the first is number 1, wherever it has gone.
  const origin = isFiltered(index) ? extent.first : 1

  useEffect(() => {
    if (extent.rows > 0) lookAt(slots, extent, source)
  })

  // The rows' handler stays the same, or every row would be rendered for each painting.
  const onSelect = useCallback(
    (number: number) => view.set(pauseAt(view.value, number, extentOf(source, index, height))),
    [view, source, index, height],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyTarget(event.key, shown, extent)
    if (next === undefined) return
    event.preventDefault()
    view.set(next)
  }
  elapsed.begin()
  const full = { ...context, elapsed: elapsed.since.bind(elapsed) }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    <div
      className="traffic"
      role="grid"
      aria-label="Captured records"
      aria-rowcount={extent.last - origin + 2}
      aria-activedescendant={shown.selected === undefined ? undefined : `${id}${shown.selected}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onWheel={(event) => view.set(scrollBy(shown, extent, wheelRows(event, extent.rows)))}
    >
      <Columns />
      <div className="traffic-body" ref={body}>
        {extent.last < extent.first && <p className="pane-none">{whyEmpty(source, index)}</p>}
        <div style={{ transform: `translateY(${(first - top) * rowHeight}px)` }}>
          {slots.map((position) => {
            const number = extent.numberAt(position) ?? 0
            return (
              <TrafficRow
                key={position - first}
                id={`${id}${number}`}
                rowIndex={position - origin + 2}
                row={rowOf(number, source, full)}
                selected={number === shown.selected}
                onSelect={onSelect}
                onClient={onClient}
              />
            )
          })}
        </div>
        <Scrollbar
          view={shown}
          extent={extent}
          height={height}
          onScroll={(wanted) => view.set(scrollTo(shown, extent, wanted))}
        />
      </div>
    </div>
  )
}

function Columns() {
  const names = ['#', 'time', 'from → to', 'packet', 'id', 'flags', 'topic', 'payload', 'bytes']
  return (
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div role="row" className="traffic-columns" aria-rowindex={1}>
      {names.map((name) => (
        // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
        <div role="columnheader" className="traffic-cell" key={name}>
          {name}
        </div>
      ))}
    </div>
  )
}

function rowOf(number: number, source: TrafficSource, context: RowContext): RowView {
  const record = source.record(number)
  if (record !== undefined) return formatRow(record, context)
  if (source.isLost(number)) return absentRow(number, 'missing')
  return absentRow(number, number <= source.evicted ? 'gone' : 'being read')
}

/** A click selects what is seen; the list stands still so that it stays seen. */
function pauseAt(view: TrafficView, number: number, extent: Extent): TrafficView {
  return select(view, extent, extent.positionOf(number))
}

function isFiltered(index: TrafficIndex | undefined): index is TrafficIndex {
  return index?.filter !== undefined
}

function extentOf(source: TrafficSource, index: TrafficIndex | undefined, height: number): Extent {
  const positions = isFiltered(index) ? index : everyRecord(source.oldest, source.last)
  return {
    first: positions.first,
    last: positions.last,
    numberAt: (position) => positions.numberAt(position),
    positionOf: (number) => positions.positionOf(number),
    rows: Math.floor(height / rowHeight),
  }
}

/** Where a filter has chosen them, the records in sight can lie far apart. */
function lookAt(slots: readonly number[], extent: Extent, source: TrafficSource): void {
  const numbers = slots.flatMap((position) => extent.numberAt(position) ?? [])
  const [from] = numbers
  const to = numbers.at(-1)
  if (from === undefined || to === undefined) return
  if (to - from < 2 * slots.length) source.look(from, to)
  else source.lookAt(numbers)
}

function whyEmpty(source: TrafficSource, index: TrafficIndex | undefined): string {
  if (source.last === 0) return 'Nothing has gone over the wire yet.'
  return index?.progress === undefined ? 'No record fits the filter.' : 'Searching …'
}

function keyTarget(key: string, view: TrafficView, extent: Extent): TrafficView | undefined {
  const page = Math.max(1, extent.rows - 1)
  const selected = view.selected === undefined ? extent.last + 1 : extent.positionOf(view.selected)
  const isThere = view.selected !== undefined && extent.numberAt(selected) === view.selected
  switch (key) {
    case 'ArrowUp':
      return select(view, extent, selected - 1)
    case 'ArrowDown':
      return select(view, extent, isThere ? selected + 1 : selected)
    case 'PageUp':
      return scrollBy(view, extent, -page)
    case 'PageDown':
      return scrollBy(view, extent, page)
    case 'Home':
      return scrollTo(view, extent, extent.first)
    case 'End':
      return scrollTo(view, extent, bottomOf(extent))
    case ' ':
      return togglePause(view, extent)
    case 'Escape':
      return { ...view, selected: undefined }
    default:
      return undefined
  }
}

/** A wheel counts pixels, lines or pages, as its device says. */
function wheelRows(event: { readonly deltaY: number; readonly deltaMode: number }, rows: number): number {
  if (event.deltaMode === WheelEvent.DOM_DELTA_LINE) return event.deltaY
  return event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? event.deltaY * rows : event.deltaY / rowHeight
}
