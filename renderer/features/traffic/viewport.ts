/** Where the list stands. Kept outside of it, so that it stays when another screen or filter was shown meanwhile. */
export interface TrafficView {
  /** True: the newest record is at the bottom. */
  readonly following: boolean
  /** Not following: the number of the record at the top; a fraction where it is partly out of sight. */
  readonly top: number
  /** The number of the selected record. */
  readonly selected: number | undefined
}

export const initialView: TrafficView = { following: true, top: 1, selected: undefined }

/** A view whose top is a record, or the next one in the list where that is not in it: it stays there, however many follow. */
export function viewFrom(number: number): TrafficView {
  return { following: false, top: number, selected: undefined }
}

/** The records that are in the list, each at a position of its own; the positions have no gaps. */
export interface Positions {
  /** Position of the oldest record. */
  readonly first: number
  /** Position of the newest record; one less than `first` where the list is empty. */
  readonly last: number
  /** The number of the record at a position; undefined where there is none. */
  numberAt(position: number): number | undefined
  /** The position of the first record with this number or a higher one; one more than `last` where there is none. */
  positionOf(number: number): number
}

/** What there is to scroll through. */
export interface Extent extends Positions {
  /** How many whole rows fit. */
  readonly rows: number
}

/** Every record is in the list: its position is its number. */
export function everyRecord(oldest: number, newest: number): Positions {
  return {
    first: oldest,
    last: newest,
    numberAt: (position) => (position >= oldest && position <= newest ? position : undefined),
    positionOf: (number) => Math.min(Math.max(Math.ceil(number), oldest), newest + 1),
  }
}

/** The farthest position that the list can be scrolled down to. */
export function bottomOf(extent: Extent): number {
  return Math.max(extent.first, extent.last + 1 - extent.rows)
}

/** The position at the top. */
export function topOf(view: TrafficView, extent: Extent): number {
  const bottom = bottomOf(extent)
  return view.following ? bottom : Math.min(Math.max(positionOf(view.top, extent), extent.first), bottom)
}

/** Scrolls by rows, down where positive. Up pauses; coming to the end follows again. */
export function scrollBy(view: TrafficView, extent: Extent, rows: number): TrafficView {
  return scrollTo(view, extent, topOf(view, extent) + rows)
}

/** @param wanted the position at the top */
export function scrollTo(view: TrafficView, extent: Extent, wanted: number): TrafficView {
  if (wanted >= bottomOf(extent)) return { ...view, following: true }
  return { ...view, following: false, top: numberOf(wanted, extent) }
}

/**
 * Selects the record at a position and scrolls no farther than is needed to see it whole. Pauses, or it would run away.
 * Nothing changes in an empty list.
 */
export function select(view: TrafficView, extent: Extent, wanted: number): TrafficView {
  const position = Math.min(Math.max(wanted, extent.first), extent.last)
  const selected = extent.numberAt(position)
  if (selected === undefined) return view
  const top = topOf(view, extent)
  const seen = Math.min(Math.max(top, position + 1 - extent.rows), position)
  return { following: false, top: numberOf(seen, extent), selected }
}

/** Stops following where it stands, or follows. */
export function togglePause(view: TrafficView, extent: Extent): TrafficView {
  return view.following
    ? { ...view, following: false, top: numberOf(topOf(view, extent), extent) }
    : { ...view, following: true }
}

/** The record at a position, as `TrafficView.top` says it. */
function numberOf(position: number, extent: Extent): number {
  const whole = Math.max(Math.floor(position), extent.first)
  return (extent.numberAt(whole) ?? whole) + (position > whole ? position - whole : 0)
}

/** The other way round; where the record is not in the list, the next one is at the top. */
function positionOf(top: number, extent: Extent): number {
  const number = Math.floor(top)
  const position = extent.positionOf(number)
  return extent.numberAt(position) === number ? position + (top - number) : position
}
