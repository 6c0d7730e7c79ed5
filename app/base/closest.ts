/** How many letters may be wrong in a word of this length. */
function tolerance(length: number): number {
  return Math.max(1, Math.floor(length / 3))
}

/**
 * The word that was probably meant by one that is not known: letters are wrong, missing, too many or swapped, or capital.
 *
 * @returns undefined where none is close
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  // Nobody misspells a word of this length, and comparing takes the square of it.
  if (word.length > 40) return undefined
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    const distance = editsBetween(word.toLowerCase(), name.toLowerCase())
    if (distance <= tolerance(name.length) && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** The Damerau-Levenshtein distance, where no letter is edited twice. */
function editsBetween(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, at(before, j - 2) + 1)
      row.push(edits)
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0
}
