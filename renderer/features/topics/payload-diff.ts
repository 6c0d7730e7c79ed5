import { printableTextOf } from '../../../app/mqtt/decode-values.ts'
import { formatJson } from '../../ui/json-text.ts'

/** Longer payloads are shown without being compared: the comparison looks at each line with each. */
const mostLines = 600
/** How many characters of a line, and octets of what is no text, are shown. */
const mostCharacters = 4000
const mostHex = 256

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** A payload in lines: JSON with each member on its own, text as it is, anything else as hexadecimal octets. */
export function linesOf(payload: Uint8Array): string[] {
  const text = printableTextOf(payload)
  if (text === undefined) return hexLines(payload)
  const lines = ((/^\s*[{[]/.test(text) ? formatJson(text) : undefined) ?? text).split('\n')
  return lines.map((line) => (line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line))
}

function hexLines(payload: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(payload.length, mostHex); at += 16) {
    const octets = [...payload.subarray(at, Math.min(at + 16, mostHex))]
    lines.push(octets.map((octet) => octet.toString(16).padStart(2, '0')).join(' '))
  }
  if (payload.length > mostHex) lines.push('…')
  return lines
}

/**
 * What is to be done to the lines before to get those after: the fewest that must go and come. A comma at the end of a line
 * does not make it another one, because that is how JSON says that a member follows.
 */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  if (before.length > mostLines || after.length > mostLines) return after.map((text) => ({ kind: 'same', text }))
  const a = before.map(withoutComma)
  const b = after.map(withoutComma)
  const lengths = commonLengths(a, b)
  const width = b.length + 1
  const common = (i: number, j: number) => lengths[i * width + j] as number
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: after[j] as string })
      i++
      j++
    } else if (j === b.length || (i < a.length && common(i + 1, j) >= common(i, j + 1))) {
      lines.push({ kind: 'removed', text: before[i++] as string })
    } else lines.push({ kind: 'added', text: after[j++] as string })
  }
  return lines
}

/** Of each two ends of the lists, how many lines they have in common at most. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const down = lengths[(i + 1) * width + j] as number
      const right = lengths[i * width + j + 1] as number
      const both = lengths[(i + 1) * width + j + 1] as number
      lengths[i * width + j] = a[i] === b[j] ? both + 1 : Math.max(down, right)
    }
  }
  return lengths
}

function withoutComma(line: string): string {
  return line.endsWith(',') ? line.slice(0, -1) : line
}
