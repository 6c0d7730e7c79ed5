import { type RefCallback, type UIEvent, useCallback, useRef, useState } from 'react'
import { useHeight } from './use-height.ts'

/** What scrolls a list of which only the rows in sight exist. In pixels. */
export interface Scroller {
  readonly attach: RefCallback<HTMLDivElement>
  readonly onScroll: (event: UIEvent) => void
  readonly scrolled: number
  readonly height: number
  /** Scrolls as little as possible so that what is between two places is seen whole. */
  readonly reveal: (top: number, bottom: number) => void
}

export function useScroller(): Scroller {
  const element = useRef<HTMLDivElement | null>(null)
  const [measured, height] = useHeight<HTMLDivElement>()
  const [scrolled, setScrolled] = useState(0)
  const attach = useCallback(
    (attached: HTMLDivElement | null) => {
      element.current = attached
      return measured(attached)
    },
    [measured],
  )
  return {
    attach,
    onScroll: (event) => setScrolled(event.currentTarget.scrollTop),
    scrolled,
    height,
    reveal: (top, bottom) => {
      const box = element.current
      if (box === null) return
      box.scrollTo({ top: Math.min(top, Math.max(box.scrollTop, bottom - height)) })
      // Not only when the browser gets to its event: keys can be faster than frames.
      setScrolled(box.scrollTop)
    },
  }
}
