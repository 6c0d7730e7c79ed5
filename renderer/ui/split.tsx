import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import './split.css'

export interface SplitProps {
  /** What the handle changes the size of, such as `Size of the detail`. */
  readonly label: string
  /** The size is remembered on this machine under this name. */
  readonly name: string
  readonly first: ReactNode
  /** The one on the right, whose width is changed. */
  readonly second: ReactNode
  /** In pixels. */
  readonly initial: number
  readonly least: number
  /** What is left for the first one at least. */
  readonly leastFirst: number
}

const step = 16
const bigStep = 64

/** Two panes side by side, with a handle between them for the mouse and the arrow keys; a double click resets it. */
export function Split({ label, name, first, second, initial, least, leastFirst }: SplitProps) {
  const root = useRef<HTMLDivElement>(null)
  const [size, setSize] = useRememberedSize(name, initial)
  const [most, setMost] = useState<number>()
  const measure = () => Math.max(least, (root.current?.clientWidth ?? 0) - leastFirst)
  const resize = (wanted: number) => {
    const limit = measure()
    setMost(limit)
    setSize(Math.round(Math.min(Math.max(wanted, least), limit)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = keySize(event, Math.min(size, measure()), least)
    if (wanted === undefined) return
    event.preventDefault()
    resize(wanted)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || root.current === null) return
    resize(root.current.getBoundingClientRect().right - event.clientX)
  }
  const style = { '--split-size': `clamp(${least}px, ${size}px, calc(100% - ${leastFirst}px))` } as CSSProperties
  return (
    <div className="split" ref={root} style={style}>
      <div className="split-pane">{first}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved */}
      <div
        className="split-handle"
        role="separator"
        aria-label={label}
        aria-orientation="vertical"
        aria-valuenow={size}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onDoubleClick={() => resize(initial)}
      />
      <div className="split-pane">{second}</div>
    </div>
  )
}

/** The handle goes where the arrow points: to the left the second pane grows. */
function keySize(event: KeyboardEvent, size: number, least: number): number | undefined {
  const distance = event.shiftKey ? bigStep : step
  switch (event.key) {
    case 'ArrowLeft':
      return size + distance
    case 'ArrowRight':
      return size - distance
    case 'Home':
      return Number.POSITIVE_INFINITY
    case 'End':
      return least
    default:
      return undefined
  }
}

function useRememberedSize(name: string, initial: number): [number, (size: number) => void] {
  const key = `faultline.split.${name}`
  const [size, setSize] = useState(() => {
    const stored = Number.parseInt(localStorage.getItem(key) ?? '', 10)
    return Number.isNaN(stored) ? initial : stored
  })
  const remember = (wanted: number) => {
    setSize(wanted)
    localStorage.setItem(key, String(wanted))
  }
  return [size, remember]
}
