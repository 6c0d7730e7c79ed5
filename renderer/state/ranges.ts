/** Record numbers, both ends included. */
export interface Range {
  readonly from: number
  readonly to: number
}

export function atLeast(range: Range, from: number): Range {
  return { from: Math.max(range.from, from), to: range.to }
}

/** How many records lie between two ranges; 0 where they touch or overlap. */
export function distanceOf(a: Range, b: Range): number {
  return Math.max(0, b.from - a.to, a.from - b.to)
}

/** What is left of a range without another. */
export function subtract(range: Range, other: Range): Range[] {
  if (other.to < range.from || other.from > range.to) return [range]
  const left: Range[] = []
  if (range.from < other.from) left.push({ from: range.from, to: other.from - 1 })
  if (range.to > other.to) left.push({ from: other.to + 1, to: range.to })
  return left
}

/** Ranges that do not touch, ascending, with one more; those that it touches or overlaps become one with it. */
export function unite(ranges: readonly Range[], range: Range): Range[] {
  const touched = ranges.filter(({ from, to }) => from <= range.to + 1 && to >= range.from - 1)
  const from = Math.min(range.from, ...touched.map((other) => other.from))
  const to = Math.max(range.to, ...touched.map((other) => other.to))
  return [...ranges.filter((other) => other.to < from), { from, to }, ...ranges.filter((other) => other.from > to)]
}
