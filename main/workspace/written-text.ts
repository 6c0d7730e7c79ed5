import type { ScriptToken } from './script-tokens.ts'

/** Text that is written out in a script. */
export interface WrittenText {
  /** Index of the token after it. */
  readonly after: number
  /** All that it may be: one, or for each way in which the gaps of a template may be filled one. */
  readonly values: readonly string[]
}

/** What stands for what is not known of a template, the first of them for people. */
const fillings = ['…', '', '…/', '/…', '/…/']
/** Of a script's text that is read. */
const most = 1000

/** A string, or a template with parts that are not known; with escapes in it, it would have to be read, and is undefined. */
export function writtenText(text: string, tokens: readonly ScriptToken[], at: number): WrittenText | undefined {
  const first = tokens[at]
  if (first === undefined || first.end - first.start > most) return undefined
  const word = text.slice(first.start, first.end)
  if (first.kind === 'string') return word.includes('\\') ? undefined : { after: at + 1, values: [word.slice(1, -1)] }
  if (!word.startsWith('`')) return undefined
  const parts = [word.slice(1, -2)]
  let depth = 0
  for (let next = at + 1; next < tokens.length && next < at + 200; next++) {
    const token = tokens[next] as ScriptToken
    const part = text.slice(token.start, Math.min(token.end, token.start + most))
    if (depth === 0 && part.startsWith('}')) {
      const isLast = part.endsWith('`')
      if (!(isLast || part.endsWith('${'))) return undefined
      parts.push(part.slice(1, isLast ? -1 : -2))
      if (isLast) return parts.join('').includes('\\') ? undefined : { after: next + 1, values: filled(parts) }
    } else
      depth += part === '{' || (part.startsWith('`') && part.endsWith('${')) ? 1 : /^\}.*`$|^\}$/s.test(part) ? -1 : 0
  }
  return undefined
}

function filled(parts: readonly string[]): string[] {
  return fillings.map((filling) => parts.join(filling))
}

/** What is wrong with it, however it may be filled; the message is of the first. */
export function wrongText({ values }: WrittenText, wrong: (value: string) => string | undefined): string | undefined {
  const found = values.map(wrong)
  return found.every((each) => each !== undefined) ? found[0] : undefined
}
