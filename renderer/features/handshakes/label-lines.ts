import { labelCharacter } from './ladder-rows.ts'
import type { Words } from './ladder-words.ts'

/** What stands together stays together: `id 19`, `QoS 2`, `· next`. */
const breaks = /(?<!\bid|\bQoS|·) /

/**
 * Breaks a label into lines at its spaces. What is wider than a line stands in one of its own.
 *
 * @param room in pixels
 */
export function labelLines(words: readonly Words[], room: number): Words[][] {
  const lines: Words[][] = []
  for (const { text, tone } of words) {
    for (const part of text.split(breaks)) {
      const line = lines.at(-1)
      const last = line?.at(-1)
      if (line === undefined || last === undefined || labelWidth([...line, { text: part, tone }]) > room) {
        lines.push([{ text: part, tone }])
      } else if (last.tone === tone) line[line.length - 1] = { text: `${last.text} ${part}`, tone }
      else line.push({ text: part, tone })
    }
  }
  return lines
}

/** Pixels that a line of a label takes. */
export function labelWidth(line: readonly Words[]): number {
  return line.reduce((sum, { text }) => sum + text.length + 1, -1) * labelCharacter
}
