import { type KeyboardEvent, memo } from 'react'
import type { Lane } from './ladder-lanes.ts'
import type { Ladder as LadderView } from './ladder-layout.ts'
import { type Arrow, type Label, type Note, type PacketRow, type Row, sizes } from './ladder-rows.ts'
import { formatLength, formatSince } from './times.ts'
import './ladder.css'

/** Pixels that an arrow keeps from its lifelines, and of its tip. */
const lifelineGap = 3
const tipLength = 14

export interface LadderProps {
  readonly ladder: LadderView
  /** Number of the packet that is looked at. */
  readonly selected: number | undefined
  /** Number of the held packet that the buttons act on. */
  readonly next: number | undefined
  readonly onSelect: (packet: number) => void
  /** What the broker is, such as `embedded`. */
  readonly broker: string
}

/** Arrows between lifelines, from top to bottom. Each packet is a button that selects it. */
export const Ladder = memo(function Ladder({ ladder, selected, next, onSelect, broker }: LadderProps) {
  return (
    <>
      <div className="ladder-heads">
        {ladder.lanes.map((lane) => (
          <Head key={lane.key} lane={lane} width={ladder.headWidth} broker={broker} />
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing that reads as a list of steps */}
      <svg
        className="ladder-drawing"
        width={ladder.width}
        height={ladder.height}
        role="list"
        aria-label="Steps of the handshake"
      >
        <Lifelines ladder={ladder} />
        {ladder.rows.map((row) => (
          // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a group of SVG is not interactive
          // biome-ignore lint/a11y/useSemanticElements: SVG has no list
          <g role="listitem" key={row.key} aria-label={itemName(row)}>
            <RowDrawing row={row} ladder={ladder} selected={selected} next={next} onSelect={onSelect} />
          </g>
        ))}
      </svg>
    </>
  )
})

/** What a row says, where it is not a button that says so itself. */
function itemName(row: Row): string | undefined {
  if (row.kind === 'band') return `${formatSince(row.since)}: ${row.sentence}`
  return row.kind === 'expected' ? row.sentence : undefined
}

function Head({ lane, width, broker }: { readonly lane: Lane; readonly width: number; readonly broker: string }) {
  const role = lane.role === 'broker' ? broker : lane.role
  return (
    <div className={`ladder-head ladder-head-${lane.key.split(' ')[0]}`} style={{ left: lane.x - width / 2, width }}>
      <b title={lane.name}>{lane.name}</b>
      {role !== '' && <span>{role}</span>}
    </div>
  )
}

/** From head to foot, dotted where time was left out; with bars while an end holds the Packet Identifier. */
function Lifelines({ ladder }: { readonly ladder: LadderView }) {
  const gaps = ladder.rows.filter((row) => row.kind === 'gap')
  return (
    <g>
      {ladder.lanes.map(({ key, x }) => (
        <line key={key} className="ladder-life" x1={x} y1={0} x2={x} y2={ladder.height} />
      ))}
      {ladder.bars.map((bar) => {
        const x = ladder.lanes[bar.lane]?.x ?? 0
        const key = `${bar.lane} ${bar.y1} ${bar.y2}`
        return <rect key={key} className="ladder-bar" x={x - 2.5} y={bar.y1} width={5} height={bar.y2 - bar.y1} />
      })}
      {gaps.map(({ key, y, height }) => (
        <g key={key}>
          <rect className="ladder-silence" x={0} y={y + 6} width={ladder.width} height={height - 12} />
          {ladder.lanes.map((lane) => (
            <line key={lane.key} className="ladder-dots" x1={lane.x} y1={y + 7} x2={lane.x} y2={y + height - 6} />
          ))}
        </g>
      ))}
    </g>
  )
}

interface RowProps {
  readonly row: Row
  readonly ladder: LadderView
  readonly selected: number | undefined
  readonly next: number | undefined
  readonly onSelect: (packet: number) => void
}

function RowDrawing({ row, ladder, selected, next, onSelect }: RowProps) {
  switch (row.kind) {
    case 'packet':
      return (
        <Packet
          row={row}
          width={ladder.width}
          selected={row.step.number === selected}
          isNext={row.step.fate === 'held' && row.step.number === next}
          onSelect={onSelect}
        />
      )
    case 'arrival':
      return (
        <>
          <Time y={row.y + 22} since={row.since} />
          <NoteWords note={row.note} />
        </>
      )
    case 'band':
      return <Band row={row} ladder={ladder} />
    case 'gap':
      return (
        <text className="ladder-time ladder-later" x={18} y={row.y + row.height / 2 + 4}>
          ⋮ {formatLength(row.length)}
        </text>
      )
    case 'expected':
      return (
        <>
          <ArrowDrawing arrow={row.arrow} />
          <LabelWords label={row.label} />
        </>
      )
  }
}

interface PacketProps {
  readonly row: PacketRow
  readonly width: number
  readonly selected: boolean
  readonly isNext: boolean
  readonly onSelect: (packet: number) => void
}

function Packet({ row, width, selected, isNext, onSelect }: PacketProps) {
  const select = () => {
    // Whoever marks words to copy them does not choose a packet.
    if (getSelection()?.type !== 'Range') onSelect(row.step.number)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    onSelect(row.step.number)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      role="button"
      tabIndex={0}
      className="ladder-packet"
      aria-label={isNext ? `${row.sentence}. What is decided next is about it` : row.sentence}
      aria-pressed={selected}
      data-packet={row.step.number}
      onClick={select}
      onKeyDown={onKeyDown}
    >
      <rect className="ladder-ground" x={6} y={row.y + 1} width={width - 12} height={row.height - 3} rx={6} />
      <Time y={row.arrow.y1 + 4} since={row.since} />
      <ArrowDrawing arrow={row.arrow} />
      <LabelWords label={row.label} />
      {row.note !== undefined && <NoteWords note={row.note} />}
    </g>
  )
}

function Time({ y, since }: { readonly y: number; readonly since: number }) {
  return (
    <text className="ladder-time" x={18} y={y}>
      {formatSince(since)}
    </text>
  )
}

function Band({ row, ladder }: { readonly row: Extract<Row, { kind: 'band' }>; readonly ladder: LadderView }) {
  const top = row.y + sizes.bandMargin
  const baseline = top + sizes.bandPadding + 12
  const lost = row.steps.at(-1)?.what === 'lost'
  return (
    <g>
      <rect
        className={lost ? 'ladder-band ladder-band-lost' : 'ladder-band'}
        x={8}
        y={top}
        width={ladder.width - 16}
        height={row.height - 2 * sizes.bandMargin}
        rx={6}
      />
      <text className="ladder-time" x={18} y={baseline}>
        {formatSince(row.since)}
      </text>
      <text className="ladder-band-words">
        {row.lines.map((line, i) => (
          <tspan key={line} x={ladder.timeWidth + 18} y={baseline + i * sizes.bandLine}>
            {i < row.lines.length - 1 ? `${line} ` : line}
          </tspan>
        ))}
      </text>
    </g>
  )
}

function ArrowDrawing({ arrow }: { readonly arrow: Arrow }) {
  const { x1, y1, x2, y2, look, twice } = arrow
  const length = Math.hypot(x2 - x1, y2 - y1)
  const along = (pixels: number) => ({
    x: x2 - ((x2 - x1) / length) * pixels,
    y: y2 - ((y2 - y1) / length) * pixels,
  })
  const start = along(length - lifelineGap)
  const end = along(look === 'dropped' ? 12 : look === 'held' ? 8 : lifelineGap + tipLength - 2)
  const tip = along(lifelineGap)
  const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  return (
    <g className={`ladder-arrow ladder-arrow-${look}`}>
      {(twice ? [0, sizes.twiceApart] : [0]).map((lower) => (
        <g key={lower}>
          <line x1={start.x} y1={start.y + lower} x2={end.x} y2={end.y + lower} />
          {look !== 'dropped' && look !== 'held' && (
            <path
              className="ladder-tip"
              d={`M0 0L${-tipLength} -5.5V5.5Z`}
              transform={`translate(${tip.x} ${tip.y + lower}) rotate(${turn.toFixed(2)})`}
            />
          )}
        </g>
      ))}
      {look === 'dropped' && <path className="ladder-cross" d={`M${x2 - 4} ${y2 - 4}l8 8m0 -8l-8 8`} />}
      {look === 'held' && <Pause x={x2} y={y2} />}
    </g>
  )
}

function Pause({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g className="ladder-pause">
      <circle cx={x} cy={y} r={7.5} />
      <path d={`M${x - 2} ${y - 3}v6M${x + 2} ${y - 3}v6`} />
    </g>
  )
}

function LabelWords({ label: { x, y, lines } }: { readonly label: Label }) {
  return (
    <text className="ladder-label" textAnchor="middle">
      {lines.map((line, i) =>
        line.map(({ text, tone }, j) => (
          <tspan
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and only change together
            key={`${i} ${text}`}
            className={`ladder-${tone}`}
            x={j === 0 ? x : undefined}
            y={j === 0 ? y + i * sizes.lineHeight : undefined}
          >
            {j === 0 ? text : ` ${text}`}
            {i < lines.length - 1 && j === line.length - 1 && ' '}
          </tspan>
        )),
      )}
    </text>
  )
}

function NoteWords({ note }: { readonly note: Note }) {
  return (
    <text className="ladder-note" textAnchor={note.anchor}>
      {note.lines.map(({ text, tone }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and only change together
        <tspan key={i} className={`ladder-${tone}`} x={note.x} y={note.y + i * sizes.lineHeight}>
          {i < note.lines.length - 1 ? `${text} ` : text}
        </tspan>
      ))}
    </text>
  )
}
