/** As `wrapText`, in as many lines, of which none is much shorter than the others. */
export function wrapEvenly(text: string, most: number): string[] {
  const lines = wrapText(text, most)
  if (lines.length < 2) return lines
  for (let width = Math.ceil(text.length / lines.length); width < most; width++) {
    const narrower = wrapText(text, width)
    if (narrower.length === lines.length) return narrower
  }
  return lines
}

/**
 * Breaks a text into lines at its spaces, because SVG does not. A word that is longer than a line is cut.
 *
 * @param most characters in a line, at least 1
 */
export function wrapText(text: string, most: number): string[] {
  const width = Math.max(1, Math.floor(most))
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width))
    line = rest
  }
  if (line !== '') lines.push(line)
  return lines
}
