import { type CSSProperties, type KeyboardEvent, memo } from 'react'
import { flushSync } from 'react-dom'
import { Dot, type DotTone } from '../../ui/dot.tsx'
import { useScroller } from '../../ui/use-scroller.ts'
import type { CoursePlace, CourseRow, PacketRange } from './course.ts'
import { formatMoment, formatTook } from './scenario-words.ts'

const rowHeight = 26
const overscan = 8

export interface CourseListProps {
  readonly rows: readonly CourseRow[]
  /** Nothing more comes. */
  readonly isOver: boolean
  readonly onPlace: (place: CoursePlace) => void
  /** Undefined where there is no recording to show anything of. */
  readonly onMoment: ((packets: PacketRange, how: 'traffic' | 'ladder') => void) | undefined
}

/** What happened in a run, a row each. Only the rows in sight exist; the arrow keys go from one to the next. */
export function CourseList({ isOver, onMoment, onPlace, rows }: CourseListProps) {
  const { attach, height, onScroll, reveal, scrolled } = useScroller()
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - overscan)
  const end = Math.min(rows.length, Math.ceil((scrolled + height) / rowHeight) + overscan)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const row = event.target instanceof HTMLElement ? event.target.closest('[data-index]') : null
    if (step === undefined || row === null) return
    event.preventDefault()
    const next = Math.min(rows.length - 1, Math.max(0, Number(row.getAttribute('data-index')) + step))
    // The row is there before it is focused, however many keys come within a frame.
    flushSync(() => reveal(next * rowHeight, (next + 1) * rowHeight))
    const target = event.currentTarget.querySelector(`[data-index="${next}"] .course-main`)
    if (target instanceof HTMLElement) target.focus({ preventScroll: true })
  }
  return (
    <div
      className="course-scroll"
      ref={attach}
      style={{ '--course-height': `${rows.length * rowHeight}px` } as CSSProperties}
      onScroll={onScroll}
    >
      <ul
        className="course"
        aria-label="Course of the run"
        style={{ height: rows.length * rowHeight }}
        onKeyDown={onKeyDown}
      >
        {rows.slice(first, end).map((row, i) => (
          <Row key={row.key} row={row} index={first + i} onPlace={onPlace} onMoment={onMoment} />
        ))}
      </ul>
      {rows.length === 0 && <p className="run-text">{isOver ? 'Nothing.' : 'Nothing yet.'}</p>}
    </div>
  )
}

const tones: Readonly<Record<CourseRow['outcome'], DotTone>> = {
  running: 'blue',
  passed: 'green',
  failed: 'red',
  unfinished: 'grey',
  done: 'grey',
}

interface RowProps extends Pick<CourseListProps, 'onPlace' | 'onMoment'> {
  readonly row: CourseRow
  readonly index: number
}

const Row = memo(function Row({ index, onMoment, onPlace, row }: RowProps) {
  const { at, depth, detail, duration, kind, outcome, packets, place, soft, text } = row
  const tone = kind === 'deed' ? 'amber' : tones[outcome]
  const moment = packets !== undefined && onMoment !== undefined ? packets : undefined
  const open = () => {
    if (moment !== undefined) onMoment?.(moment, 'traffic')
    else if (place !== undefined) onPlace(place)
  }
  const what = moment !== undefined ? 'Show the traffic of this step' : place === undefined ? '' : `Line ${place.line}`
  return (
    <li className={`course-row course-${kind} course-${outcome}`} style={{ top: index * rowHeight }} data-index={index}>
      <button
        type="button"
        className="course-main"
        // Not disabled: the arrow keys go through it all the same.
        aria-disabled={what === ''}
        title={[detail === '' ? text : `${text}\n${detail}`, what].filter((part) => part !== '').join('\n\n')}
        onClick={open}
      >
        <span className="course-at">{formatMoment(at)}</span>
        <Dot tone={tone} label={kind === 'deed' ? 'done to it' : outcome} />
        <span className="course-text" style={{ paddingLeft: depth * 12 }}>
          {text}
          {detail !== '' && outcome === 'failed' && <span className="course-detail"> – {detail}</span>}
        </span>
        {soft && <span className="course-took">soft</span>}
        <span className="course-took">
          {duration === undefined
            ? { running: '…', unfinished: 'unfinished' }[outcome as string]
            : formatTook(duration)}
        </span>
      </button>
      {moment === undefined ? (
        <span className="course-more course-ladder" />
      ) : (
        <button
          type="button"
          className="course-more course-ladder"
          title="Show its handshakes"
          onClick={() => onMoment?.(moment, 'ladder')}
        >
          Ladder
        </button>
      )}
      {place === undefined ? (
        <span className="course-more course-line" />
      ) : (
        <button
          type="button"
          className="course-more course-line"
          title={`Show line ${place.line}`}
          onClick={() => onPlace(place)}
        >
          :{place.line}
        </button>
      )}
    </li>
  )
})
