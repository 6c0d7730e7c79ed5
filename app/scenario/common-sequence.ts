/** So many insertions and removals are looked for; lists that differ in more are not alike enough for it to matter. */
const mostEdits = 500

/** How far edits reach on each diagonal; diagonal 0 is in the middle. */
type Reached = Int32Array
const middle = mostEdits + 1

/**
 * Positions of the same things in the same order in two lists: a longest common subsequence, by the algorithm of Myers.
 * Where the lists differ in more than 500 places, only what they have in common at their beginning and end.
 */
export function commonSequence(one: readonly string[], other: readonly string[]): [number, number][] {
  let start = 0
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1
  let end = 0
  const most = Math.min(one.length, other.length) - start
  while (end < most && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1
  const between = shortestEdit(one.slice(start, one.length - end), other.slice(start, other.length - end))
  return [
    ...Array.from({ length: start }, (_, i): [number, number] => [i, i]),
    ...between.map(([i, j]): [number, number] => [i + start, j + start]),
    ...Array.from({ length: end }, (_, i): [number, number] => [one.length - end + i, other.length - end + i]),
  ]
}

/** The furthest that so many edits reach on each diagonal, for each number of edits in turn. */
function shortestEdit(one: readonly string[], other: readonly string[]): [number, number][] {
  const reached: Reached = new Int32Array(2 * middle + 1).fill(-1)
  reached[middle + 1] = 0
  const trace: Reached[] = []
  for (let edits = 0; edits <= Math.min(one.length + other.length, mostEdits); edits++) {
    trace.push(reached.slice())
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let i = comesFromAbove(reached, diagonal, edits) ? at(reached, diagonal + 1) : at(reached, diagonal - 1) + 1
      while (i < one.length && i - diagonal < other.length && one[i] === other[i - diagonal]) i += 1
      reached[middle + diagonal] = i
      if (i >= one.length && i - diagonal >= other.length) return walkBack(trace, one.length, other.length)
    }
  }
  return []
}

function walkBack(trace: readonly Reached[], oneLength: number, otherLength: number): [number, number][] {
  const pairs: [number, number][] = []
  let [i, j] = [oneLength, otherLength]
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reached = trace[edits] as Reached
    const above = comesFromAbove(reached, i - j, edits)
    const diagonal = i - j + (above ? 1 : -1)
    const before = at(reached, diagonal)
    // Before the first edit there is nothing but what both begin with.
    const [fromI, fromJ] = edits === 0 ? [0, 0] : [before, before - diagonal]
    const isEdit = edits > 0
    while (i > fromI + (isEdit && !above ? 1 : 0) && j > fromJ + (isEdit && above ? 1 : 0)) pairs.push([--i, --j])
    ;[i, j] = [fromI, fromJ]
  }
  return pairs.reverse()
}

/** Whether the best way to a diagonal is something that only the other list has. */
function comesFromAbove(reached: Reached, diagonal: number, edits: number): boolean {
  return diagonal === -edits || (diagonal !== edits && at(reached, diagonal - 1) < at(reached, diagonal + 1))
}

function at(reached: Reached, diagonal: number): number {
  return reached[middle + diagonal] ?? -1
}
