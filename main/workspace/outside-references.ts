import { whyOutside } from '../../app/script-api/compiler-words.ts'
import { tokensOf } from './script-tokens.ts'

/** Something in a script that would make the compiler read what is not the workspace's. */
interface OutsideReference {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly code: string
  readonly message: string
}

/** What the compiler reads out of a comment; it takes any case. */
const directive = /^\/\/\/[^\S\r\n]*<\s*reference\b/i

/**
 * Takes out of scripts what leads out of the workspace: every `/// <reference>`, and paths of modules that the sandbox
 * takes for outside. As many characters are put in their place, so that all other mistakes stay where they are.
 */
export function takeOutside(texts: ReadonlyMap<string, string>): {
  texts: ReadonlyMap<string, string>
  refused: OutsideReference[]
} {
  const refused: OutsideReference[] = []
  const clean = new Map<string, string>()
  for (const [file, text] of texts) clean.set(file, takeFrom(file, text, refused))
  return { texts: clean, refused }
}

function takeFrom(file: string, text: string, refused: OutsideReference[]): string {
  const pieces: string[] = []
  let kept = 0
  let place: Place = { offset: 0, line: 1, column: 1 }
  for (const { start, end, message, filler } of findOutside(file, text)) {
    pieces.push(text.slice(kept, start + 1), filler.repeat(end - start - 2), text.slice(end - 1, end))
    kept = end
    place = placeAt(text, start, place)
    refused.push({ file, line: place.line, column: place.column, code: 'outside', message })
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(kept)
}

interface Found {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly filler: string
}

function* findOutside(file: string, text: string): Generator<Found> {
  let before = ''
  let last = ''
  for (const { kind, start, end } of tokensOf(text)) {
    const token = kind === 'other' && end - start > 10 ? '' : text.slice(start, end)
    if (kind === 'comment') {
      const message = '/// <reference> is refused: it leads outside of the workspace, and a sandbox does not read it'
      if (directive.test(token)) yield { start, end, message, filler: '/' }
      continue
    }
    if (kind === 'string' && namesModule(before, last)) {
      const specifier = token.slice(1, -1)
      const message = whyOutside(specifier, file)
      if (message !== undefined) yield { start, end, message, filler: '~' }
    }
    before = last
    last = token
  }
}

function namesModule(before: string, last: string): boolean {
  return /^(?:from|import|module)$/.test(last) || (last === '(' && /^(?:import|require)$/.test(before))
}

interface Place {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** Counts on from an earlier place. These are the ends of lines that the compiler knows. */
function placeAt(text: string, offset: number, from: Place): Place {
  const lines = text.slice(from.offset, offset).split(/\r\n|[\n\r\u2028\u2029]/)
  const length = lines.at(-1)?.length ?? 0
  return { offset, line: from.line + lines.length - 1, column: (lines.length === 1 ? from.column : 1) + length }
}
