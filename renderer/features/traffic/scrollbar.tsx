import { type PointerEvent, useRef } from 'react'
import { bottomOf, type Extent, type TrafficView, topOf } from './viewport.ts'

const shortestThumb = 28

export interface ScrollbarProps {
  readonly view: TrafficView
  readonly extent: Extent
  readonly height: number
  readonly onScroll: (top: number) => void
}

/**
 * The list's own: it may stand for millions of rows, more than a browser's can. For the mouse only, since the grid takes
 * the keys.
 */
export function Scrollbar({ view, extent, height, onScroll }: ScrollbarProps) {
  const grip = useRef(0)
  const total = extent.last - extent.first + 1
  const bottom = bottomOf(extent)
  if (total <= extent.rows || height === 0) return null
  const thumb = Math.max(shortestThumb, (height * extent.rows) / total)
  const path = height - thumb
  const at = ((topOf(view, extent) - extent.first) / (bottom - extent.first)) * path
  const scrollTo = (y: number) => onScroll(extent.first + ((y - grip.current) / path) * (bottom - extent.first))
  const start = (event: PointerEvent<HTMLDivElement>) => {
    const y = event.nativeEvent.offsetY
    event.currentTarget.setPointerCapture(event.pointerId)
    grip.current = y >= at && y <= at + thumb ? y - at : thumb / 2
    scrollTo(y)
  }
  return (
    <div
      className="traffic-scrollbar"
      aria-hidden="true"
      onPointerDown={start}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
        scrollTo(event.clientY - event.currentTarget.getBoundingClientRect().top)
      }}
    >
      <div className="traffic-thumb" style={{ height: thumb, transform: `translateY(${at}px)` }} />
    </div>
  )
}
