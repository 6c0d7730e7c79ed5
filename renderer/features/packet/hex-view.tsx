import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useWidth } from '../../ui/use-width.ts'
import { asciiOf, isIn, offsetDigits, type Range, rowsInSight, scrollToRow } from './hex-rows.ts'
import type { Tone } from './tones.ts'
import './hex-view.css'

const rowHeight = 20
/** From this width on, 16 octets and their characters stand beside one another. */
const wide = 500

export interface HexViewProps {
  readonly octets: Uint8Array
  readonly label: string
  /** How many rows are in sight at most; the others are scrolled to. */
  readonly rows: number
  readonly toneAt?: (at: number) => Tone | undefined
  /** Octets that are wrong. */
  readonly wrong?: readonly Range[]
  /** Octets that were changed. */
  readonly changed?: Range | undefined
  /** Octets of what the pointer is on. */
  readonly lit?: Range | undefined
  /** Octets of what is selected; they are scrolled to. */
  readonly selected?: Range | undefined
  readonly onHover?: (at: number | undefined) => void
  readonly onPick?: (at: number) => void
}

/** Octets in hexadecimal and as characters. Only the rows in sight are drawn, so that a mebibyte costs no more than a kibibyte. */
export function HexView(props: HexViewProps) {
  const { octets, label, selected, onHover, onPick } = props
  const [widthRef, width] = useWidth<HTMLDivElement>()
  const scroller = useRef<HTMLDivElement>(null)
  const [scrollTop, setScrollTop] = useState(0)
  const perRow = width >= wide ? 16 : 8
  const count = Math.ceil(octets.length / perRow)
  const height = Math.min(count, props.rows) * rowHeight
  const shown = rowsInSight(scrollTop, height, rowHeight, count)

  const wantedRow = selected === undefined ? undefined : Math.floor(selected.start / perRow)
  useEffect(() => {
    const element = scroller.current
    if (element === null || wantedRow === undefined) return
    element.scrollTop = scrollToRow(element.scrollTop, height, rowHeight, wantedRow)
  }, [wantedRow, height])

  if (octets.length === 0) return <p className="hex-none">no octets</p>
  return (
    <div ref={widthRef}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, and there are none */}
      <div
        ref={scroller}
        className="hex"
        role="group"
        aria-label={label}
        // What can be scrolled can be reached by the keyboard.
        tabIndex={count > props.rows ? 0 : -1}
        style={{ height }}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onPointerMove={(event) => onHover?.(octetUnder(event))}
        onPointerLeave={() => onHover?.(undefined)}
        onPointerDown={(event) => {
          const at = octetUnder(event)
          if (at !== undefined) onPick?.(at)
        }}
      >
        <div className="hex-all" style={{ height: count * rowHeight }}>
          {shown.map((row) => (
            <HexRow key={row} {...props} row={row} perRow={perRow} withOffset={count > 1} />
          ))}
        </div>
      </div>
    </div>
  )
}

interface HexRowProps extends HexViewProps {
  readonly row: number
  readonly perRow: number
  readonly withOffset: boolean
}

function HexRow(props: HexRowProps) {
  const { octets, row, perRow, withOffset } = props
  const start = row * perRow
  const end = Math.min(start + perRow, octets.length)
  const cells: ReactNode[] = []
  const characters: ReactNode[] = []
  for (let at = start; at < end; at++) {
    const octet = octets[at] as number
    const { classes, tone } = look(props, at)
    cells.push(
      <span key={at} data-at={at} className={`hex-octet ${tone} ${classes}`}>
        {octet.toString(16).padStart(2, '0')}
      </span>,
    )
    characters.push(
      <span key={at} data-at={at} className={`hex-character ${classes}`}>
        {asciiOf(octet)}
      </span>,
    )
  }
  return (
    <div className="hex-row" style={{ transform: `translateY(${row * rowHeight}px)` }}>
      {withOffset && (
        <span className="hex-offset">{start.toString(16).padStart(offsetDigits(octets.length), '0')}</span>
      )}
      <span className="hex-octets" style={{ minWidth: withOffset ? `calc(${perRow} * (2ch + 6px))` : undefined }}>
        {cells}
      </span>
      <span className="hex-characters" style={{ minWidth: withOffset ? `calc(${perRow} * (1ch + 2px))` : undefined }}>
        {characters}
      </span>
    </div>
  )
}

function look({ toneAt, wrong, changed, lit, selected }: HexViewProps, at: number) {
  const tone = toneAt?.(at)
  const classes = [
    wrong?.some((range) => isIn(at, range)) ? 'hex-wrong' : '',
    isIn(at, changed) ? 'hex-changed' : '',
    isIn(at, selected) ? 'hex-selected' : '',
    isIn(at, lit) ? 'hex-lit' : '',
  ]
  return { classes: classes.filter((name) => name !== '').join(' '), tone: tone === undefined ? '' : `tone-${tone}` }
}

function octetUnder(event: PointerEvent): number | undefined {
  const at = event.target instanceof HTMLElement ? event.target.dataset['at'] : undefined
  return at === undefined ? undefined : Number(at)
}
