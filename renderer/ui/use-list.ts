import { type KeyboardEvent, useId } from 'react'
import { type Scroller, useScroller } from './use-scroller.ts'

/** Rows beyond the edges that exist, so that scrolling shows no blanks. */
const overscan = 6
const page = 10

/**
 * Which row a key goes to, or undefined where it is no key of a list. At the first and the last row it stays where it is.
 *
 * @param index of the row it goes from, -1 where none is chosen
 * @param isRow whether a row can be chosen; others are passed over
 */
export function rowForKey(
  key: string,
  index: number,
  count: number,
  isRow: (index: number) => boolean = () => true,
): number | undefined {
  const distance = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[key]
  if (distance === undefined) return undefined
  const wanted = Math.min(count - 1, Math.max(0, index + distance))
  // Towards where the key points, and back where there is no more on that side.
  const step = Math.sign(distance)
  for (let at = wanted; at >= 0 && at < count; at += step) if (isRow(at)) return at
  for (let at = wanted; at >= 0 && at < count; at -= step) if (isRow(at)) return at
  return undefined
}

export interface List extends Scroller {
  /** The rows that exist: from the first to before the end. */
  readonly first: number
  readonly end: number
  readonly show: (index: number) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly idOf: (index: number) => string
  /** Id of the row that is chosen. */
  readonly active: string | undefined
  /** Of all rows together, in pixels. */
  readonly length: number
}

export interface ListOptions {
  readonly count: number
  /** In pixels, all alike. */
  readonly rowHeight: number
  /** Index of the row that is chosen, -1 where none is. */
  readonly index: number
  readonly onChoose: (index: number) => void
  readonly isRow?: (index: number) => boolean
}

/** A list that takes the keys itself and names its active row, of which only the rows in sight exist. */
export function useList({ count, index, isRow, onChoose, rowHeight }: ListOptions): List {
  const id = useId()
  const scroller = useScroller()
  const { height, reveal, scrolled } = scroller
  const show = (at: number) => reveal(at * rowHeight, (at + 1) * rowHeight)
  return {
    ...scroller,
    first: Math.max(0, Math.floor(scrolled / rowHeight) - overscan),
    end: Math.min(count, Math.ceil((scrolled + height) / rowHeight) + overscan),
    show,
    onKeyDown: (event) => {
      const next = rowForKey(event.key, index, count, isRow)
      if (next === undefined) return
      event.preventDefault()
      if (next !== index) onChoose(next)
      show(next)
    },
    idOf: (at) => `${id}${at}`,
    active: index < 0 ? undefined : `${id}${index}`,
    length: count * rowHeight,
  }
}
