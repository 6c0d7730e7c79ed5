/** Where the list stands. Kept outside of it, so that it stays when another screen was shown meanwhile. */
export interface TrafficView {
  /** True: the newest record is at the bottom. */
  readonly following: boolean
  /** Not following: the number of the record at the top; a fraction where it is partly out of sight. */
  readonly top: number
  /** The number of the selected record. */
  readonly selected: number | undefined
}

export const initialView: TrafficView = { following: true, top: 1, selected: undefined }

/** What there is to scroll through. */
export interface Extent {
  /** Number of the oldest record. */
  readonly first: number
  /** Number of the newest record. */
  readonly last: number
  /** How many whole rows fit. */
  readonly rows: number
}

/** The farthest that the list can be scrolled down. */
export function bottomOf(extent: Extent): number {
  return Math.max(extent.first, extent.last + 1 - extent.rows)
}

/** The number of the record at the top. */
export function topOf(view: TrafficView, extent: Extent): number {
  const bottom = bottomOf(extent)
  return view.following ? bottom : Math.min(Math.max(view.top, extent.first), bottom)
}

/** Scrolls by rows, down where positive. Up pauses; coming to the end follows again. */
export function scrollBy(view: TrafficView, extent: Extent, rows: number): TrafficView {
  return scrollTo(view, extent, topOf(view, extent) + rows)
}

export function scrollTo(view: TrafficView, extent: Extent, wanted: number): TrafficView {
  const bottom = bottomOf(extent)
  if (wanted >= bottom) return { ...view, following: true }
  return { ...view, following: false, top: wanted }
}

/** Selects a record and scrolls no farther than is needed to see it whole. Pauses, or it would run away. */
export function select(view: TrafficView, extent: Extent, wanted: number): TrafficView {
  const selected = Math.min(Math.max(wanted, extent.first), extent.last)
  const top = topOf(view, extent)
  const seen = Math.min(Math.max(top, selected + 1 - extent.rows), selected)
  return { following: false, top: seen, selected }
}
