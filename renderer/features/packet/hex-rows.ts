/** Octets from `start` to before `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

export function isIn(at: number, range: Range | undefined): boolean {
  return range !== undefined && range.start <= at && at < range.end
}

/** Numbers of the rows that must be drawn: those in sight, and a few around them. */
export function rowsInSight(scrollTop: number, height: number, rowHeight: number, count: number): number[] {
  const around = 4
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - around)
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + around)
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
}

/** Where to scroll to so that a row can be seen whole; unchanged where it can. */
export function scrollToRow(scrollTop: number, height: number, rowHeight: number, row: number): number {
  const top = row * rowHeight
  if (top < scrollTop) return top
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop
}

/** As in every hex view: the character of a printable ASCII octet, else a dot. */
export function asciiOf(octet: number): string {
  return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·'
}

/** How wide the offset must be: an even number of hexadecimal digits, at least four. */
export function offsetDigits(length: number): number {
  const digits = Math.max(0, length - 1).toString(16).length
  return Math.max(4, digits + (digits % 2))
}

/** What differs between two packets, as a range in each: all but what they have in common at both ends. */
export function changedRanges(before: Uint8Array, after: Uint8Array): readonly [Range, Range] {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let back = 0
  while (back < most - start && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return [
    { start, end: before.length - back },
    { start, end: after.length - back },
  ]
}
