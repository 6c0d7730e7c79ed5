/** How wide a text is, in any unit. */
export type Measure = (text: string) => number

const countCharacters: Measure = (text) => text.length

/**
 * Breaks a text into lines at its spaces, because SVG does not. A word that is wider than a line is cut.
 *
 * @param room for a line, in the unit of `measure`; a line has at least one character, whatever its width
 */
export function wrapText(text: string, room: number, measure: Measure = countCharacters): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && measure(`${line} ${word}`) <= room) {
      line += ` ${word}`
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (line.length > 1 && measure(line) > room) {
      const fits = longestStart(line, room, measure)
      lines.push(line.slice(0, fits))
      line = line.slice(fits)
    }
  }
  if (line !== '') lines.push(line)
  return lines
}

/** As `wrapText`, in as many lines, of which none is much shorter than the others. */
export function wrapEvenly(text: string, room: number, measure: Measure = countCharacters): string[] {
  const lines = wrapText(text, room, measure)
  if (lines.length < 2) return lines
  let best = lines
  let low = 1
  let high = Math.ceil(room) - 1
  // The narrower the lines, the more there are: the narrowest that take no more are looked for by halves.
  while (low <= high) {
    const middle = (low + high) >>> 1
    const narrower = wrapText(text, middle, measure)
    if (narrower.length > lines.length) low = middle + 1
    else {
      best = narrower
      high = middle - 1
    }
  }
  return best
}

/** How many characters of a word fit, at least 1. */
function longestStart(word: string, room: number, measure: Measure): number {
  let count = 1
  while (count < word.length && measure(word.slice(0, count + 1)) <= room) count++
  return count
}
