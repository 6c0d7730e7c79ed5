import { milliseconds } from '../../app/script-api/duration.ts'
import { bareCalls } from './bare-calls.ts'
import { placeAt } from './json-text.ts'
import { literalArguments } from './literal-arguments.ts'
import { tokensOf } from './script-tokens.ts'

/** What the compiler can tell of a script only where it is asked with other words. */
interface Question {
  /** Of the script itself. */
  readonly line: number
  readonly column: number
  /** What it says there of the copy where it is a mistake. */
  readonly said: RegExp
  /** As in `ScriptMistake`. */
  readonly code: 'await' | 'duration' | 'argument'
  readonly message: string
  /** What else is wrong then. */
  readonly others?: readonly Question[]
}

/**
 * A copy of a script for the compiler, in which every call that is a statement has to give no promise, and text that looks
 * like a length of time and is none has a type of its own: the types of the API let `'2 s'` through, since `+'2 '` is 2. A
 * function that would refuse what it is given has a name there that nothing has: so the compiler tells whose it is.
 */
export interface ScriptProbe {
  readonly text: string
  /** By the place at which the compiler complains of it, `line:column` of the copy. */
  readonly questions: ReadonlyMap<string, Question>
}

const guard = 'faultlineBareCall'
const noTime = 'faultlineNoTime'
const noFunction = 'faultlineNoFunction'
const promised = 'a promise that nobody waits for'

/**
 * A fault of a link is no `Promise`: awaiting it is left to the script. What `toShow` gives is none either, and is waited for.
 */
const declaration = `
import type { ExchangeResult as ${guard}Result } from 'faultline'
declare function ${guard}<Given>(value: Given & ${guard}<Given>): void
type ${guard}<Given> = 0 extends 1 & Given ? unknown
  : [Extract<Given, Promise<unknown> | ${guard}Result>] extends [never] ? unknown : '${promised}'
declare const ${noTime}: ${noTime}
interface ${noTime} { readonly ${noTime}: true }
`

/** Something else in the place of a part of the script; it has no lines of its own. */
interface Edit {
  readonly at: number
  readonly removed: number
  readonly put: string
  /**
   * With how far before or behind `put` the compiler complains, in characters of the copy, and where in the script that is,
   * if not there.
   */
  readonly asks?: Omit<Question, 'line' | 'column'> & {
    readonly back: number
    readonly ahead: number
    readonly place?: Pick<Question, 'line' | 'column'>
  }
}

/** Undefined where there is nothing to ask. */
export function scriptProbe(text: string): ScriptProbe | undefined {
  const edits = [...guarded(text), ...withoutTime(text), ...refusedArguments(text)].sort((a, b) => a.at - b.at)
  if (edits.length === 0) return undefined
  const pieces: string[] = []
  const questions = new Map<string, Question>()
  let kept = 0
  let place = { line: 1, column: 1 }
  // In the line of the place, by what was put in before.
  let added = 0
  for (const { asks, at, put, removed } of edits) {
    const piece = text.slice(kept, at)
    const { column, line } = placeAt(piece, piece.length)
    if (line > 1) added = 0
    place =
      line === 1 ? { line: place.line, column: place.column + column - 1 } : { line: place.line + line - 1, column }
    if (asks !== undefined) {
      const { ahead, back, place: told, ...question } = asks
      const key = `${place.line}:${place.column + added - back + ahead}`
      questions.set(key, { ...question, ...(told ?? { line: place.line, column: place.column - back }) })
    }
    pieces.push(piece, put)
    kept = at + removed
    place = { line: place.line, column: place.column + removed }
    added += put.length - removed
  }
  return { text: pieces.join('') + text.slice(kept) + declaration, questions }
}

function guarded(text: string): Edit[] {
  return bareCalls(text).flatMap(({ end, name, start }) => {
    const message = `nobody waits for '${name}': write 'await' before it, or 'void' where it is to go on by itself`
    const put = `${guard}(`
    const asks = { said: new RegExp(promised), code: 'await' as const, message, back: 0, ahead: put.length }
    return [
      { at: start, removed: 0, put, asks },
      { at: end, removed: 0, put: ')' },
    ]
  })
}

function withoutTime(text: string): Edit[] {
  const edits: Edit[] = []
  let name = 0
  let last = { start: 0, text: '' }
  for (const { end, kind, start } of tokensOf(text)) {
    if (kind === 'comment') continue
    const content = kind === 'string' && end - start < 100 ? text.slice(start + 1, end - 1) : ''
    const wrong = content === '' ? undefined : wrongTime(content)
    if (wrong !== undefined) {
      // Of the value of an option it complains at its name.
      const back = last.text === ':' && !text.slice(name, start).includes('\n') ? start - name : 0
      const said = new RegExp(`'${noTime}' is not assignable to .*(?:Duration|\`\\$\\{number\\})`)
      edits.push({
        at: start,
        removed: end - start,
        put: noTime,
        asks: { said, code: 'duration', message: wrong, back, ahead: 0 },
      })
    }
    name = last.start
    last = { start, text: text.slice(start, Math.min(end, start + 2)) }
  }
  return edits
}

function refusedArguments(text: string): Edit[] {
  const ofCall = new Map<number, { at: number; removed: number; name: string; of: string; told: Question[] }>()
  for (const { at, end, message, name, of, start } of literalArguments(text)) {
    const call = ofCall.get(start) ?? { at: start, removed: end - start, name, of: of.join('|'), told: [] }
    const said = new RegExp(`^Property '${noFunction}_${name}' does not exist on type '(?:${call.of})'`)
    call.told.push({ ...placeAt(text, at), said, code: 'argument', message })
    ofCall.set(start, call)
  }
  return [...ofCall.values()].flatMap(({ at, name, removed, told: [first, ...others] }) => {
    if (first === undefined) return []
    const { column, line, ...question } = first
    const asks = { ...question, others, place: { line, column }, back: 0, ahead: 0 }
    return [{ at, removed, put: `${noFunction}_${name}`, asks }]
  })
}

/** What is wrong with text that the types take for a length of time. */
function wrongTime(text: string): string | undefined {
  const number = /^([^a-z]+|.*[\dxe]\s*)(?:ms|s|m|h|d)$/.exec(text)?.[1]
  if (number === undefined || number.trim() === '' || !Number.isFinite(Number(number))) return undefined
  try {
    // Where less than nothing is possible the API says so, and where not.
    milliseconds(text.replace(/^-/, ''), 'it')
    return undefined
  } catch {
    return noLengthOfTime(text)
  }
}

export function noLengthOfTime(text: string): string {
  return `'${text}' is no length of time: write a number of milliseconds, or text such as '250ms', '1.5s', '2m'`
}
