import { milliseconds } from '../../app/script-api/duration.ts'
import { bareCalls } from './bare-calls.ts'
import { placeAt } from './json-text.ts'
import { literalArguments } from './literal-arguments.ts'
import { literalOptions } from './literal-options.ts'
import { lostLists } from './lost-lists.ts'
import { tokensOf } from './script-tokens.ts'
import { targetCalls } from './target-calls.ts'

/** What the compiler can tell of a script only where it is asked with other words. */
interface Question {
  /** Of the script itself. */
  readonly line: number
  readonly column: number
  /** What it says there of the copy where it is a mistake. */
  readonly said: RegExp
  /** As in `ScriptMistake`. */
  readonly code: 'await' | 'duration' | 'argument' | 'target'
  readonly message: string
  /** The same in each probe of a script. */
  readonly id: string
}

/**
 * A copy of a script for the compiler, in which every call that is a statement has to give no promise, and text that looks
 * like a length of time and is none has a type of its own: the types of the API let `'2 s'` through, since `+'2 '` is 2. A
 * function that would refuse what it is given has a name there that nothing has: so the compiler tells whose it is.
 */
export interface ScriptProbe {
  readonly text: string
  /** By the place at which the compiler complains of it, `line:column` of the copy; it says one thing of each. */
  readonly questions: ReadonlyMap<string, readonly Question[]>
}

const guard = 'faultlineBareCall'
const noTime = 'faultlineNoTime'
const noFunction = 'faultlineNoFunction'
const noOption = 'faultlineRefusedOption'
const lostList = 'faultlineLostList'
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
  /** What it asks; one that belongs to another has its `id`. */
  readonly id: string
  /** With how far before or behind `put` the compiler complains, in characters of the copy. */
  readonly asks?: {
    readonly back: number
    readonly ahead: number
    readonly questions: readonly Asked[]
  }
}

interface Asked extends Omit<Question, 'line' | 'column' | 'id'> {
  /** Where in the script that is, if not where the compiler complains. */
  readonly place?: Pick<Question, 'line' | 'column'>
}

/**
 * @param hasTarget whether it may run at a target
 * @param known ids of questions that are answered: where one thing is wrong, the compiler says nothing of others in the same call
 * @returns undefined where there is nothing to ask
 */
export function scriptProbe(
  text: string,
  hasTarget = false,
  known: ReadonlySet<string> = new Set(),
): ScriptProbe | undefined {
  const edits = [
    ...refusedArguments(text),
    ...refusedOptions(text),
    ...(hasTarget ? refusedAtTarget(text) : []),
    ...withoutTime(text),
    ...ofLists(text),
    ...guarded(text),
  ].filter(({ id }) => !known.has(id))
  return edits.length === 0 ? undefined : edited(text, withoutOverlaps(edits))
}

/** What two ask of one place, the first asks now and the other when that is answered. */
function withoutOverlaps(edits: readonly Edit[]): Edit[] {
  const sorted = edits.toSorted((a, b) => a.at - b.at)
  let end = 0
  return sorted.filter(({ at, removed }) => {
    if (removed > 0 && at < end) return false
    end = Math.max(end, at + removed)
    return true
  })
}

function edited(text: string, edits: readonly Edit[]): ScriptProbe {
  const pieces: string[] = []
  const questions = new Map<string, Question[]>()
  let kept = 0
  let place = { line: 1, column: 1 }
  // In the line of the place, by what was put in before.
  let added = 0
  for (const { asks, at, id, put, removed } of edits) {
    const piece = text.slice(kept, at)
    const { column, line } = placeAt(piece, piece.length)
    if (line > 1) added = 0
    place =
      line === 1 ? { line: place.line, column: place.column + column - 1 } : { line: place.line + line - 1, column }
    if (asks !== undefined) {
      const { ahead, back } = asks
      const key = `${place.line}:${place.column + added - back + ahead}`
      const here = { line: place.line, column: place.column - back }
      const asked = asks.questions.map(({ place: told, ...question }) => ({ ...question, id, ...(told ?? here) }))
      questions.set(key, [...(questions.get(key) ?? []), ...asked])
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
    const questions = [{ said: new RegExp(promised), code: 'await' as const, message }]
    const id = `guard ${start}`
    return [
      { at: start, removed: 0, put, id, asks: { questions, back: 0, ahead: put.length } },
      { at: end, removed: 0, put: ')', id },
    ]
  })
}

const ofPromises = new RegExp(
  `^Property '${lostList}' does not exist on type '\\(?(?:(?:[\\w"' ]+) \\| )*(?:Promise<.*>|ExchangeResult)(?: \\| .*)?\\)?\\[\\]'`,
)

/** What each item of a list gives is looked at as what `map` gives, and by a name that no list has. */
function ofLists(text: string): Edit[] {
  return lostLists(text).flatMap(({ after, end, name, start }) => {
    const isMade = name === 'map' || name === 'flatMap'
    const message =
      name === 'forEach'
        ? "nobody waits for what 'forEach' calls: write 'for (const … of …)' with 'await' in it, or 'await Promise.all(….map(…))'"
        : isMade
          ? `nobody waits for the promises that '${name}' makes: write 'await Promise.all(…)' around it`
          : `'${name}' takes a promise for true: wait for all of them first, with 'await Promise.all(….map(…))'`
    const id = `list ${start}`
    const asks = {
      questions: [{ said: ofPromises, code: 'await' as const, message, place: placeAt(text, start) }],
      back: 0,
      ahead: 1,
    }
    return [
      ...(isMade ? [] : [{ at: start, removed: end - start, put: 'map', id }]),
      { at: after, removed: 0, put: `.${lostList}`, id, asks },
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
      const questions = [{ said, code: 'duration' as const, message: wrong }]
      edits.push({
        at: start,
        removed: end - start,
        put: noTime,
        id: `time ${start}`,
        asks: { questions, back, ahead: 0 },
      })
    }
    name = last.start
    last = { start, text: text.slice(start, Math.min(end, start + 2)) }
  }
  return edits
}

/** By another name the compiler tells whose function it is. */
function renamed(
  text: string,
  { end, start }: { start: number; end: number },
  put: string,
  questions: readonly Asked[],
) {
  const place = placeAt(text, start)
  const placed = questions.map((question) => ({ place, ...question }))
  return {
    at: start,
    removed: end - start,
    put,
    id: `name ${start} ${put}`,
    asks: { questions: placed, back: 0, ahead: 0 },
  }
}

function noMember(name: string, of: string): RegExp {
  return new RegExp(`^Property '${noFunction}_${name}' does not exist on type '(?:${of})'`)
}

function refusedArguments(text: string): Edit[] {
  const ofCall = new Map<
    number,
    { start: number; end: number; name: string; of: string; told: Omit<Asked, 'said'>[] }
  >()
  for (const { at, end, message, name, of, start } of literalArguments(text)) {
    const call = ofCall.get(start) ?? { start, end, name, of: of.join('|'), told: [] }
    call.told.push({ code: 'argument', message, place: placeAt(text, at) })
    ofCall.set(start, call)
  }
  return [...ofCall.values()].map(({ end, name, of, start, told }) => {
    const said = noMember(name, of)
    return renamed(
      text,
      { start, end },
      `${noFunction}_${name}`,
      told.map((each) => ({ said, ...each })),
    )
  })
}

/** Of the option that there is not, the compiler says in which type. */
function refusedOptions(text: string): Edit[] {
  return literalOptions(text).map(({ at, told, ...name }) => {
    const place = placeAt(text, at)
    const questions = told.map(({ message, of }) => ({
      said: ofType(name.start, of.source),
      code: 'argument' as const,
      message,
      place,
    }))
    return renamed(text, name, `${noOption}${name.start}`, questions)
  })
}

/** Two names in one object must not be the same. */
function ofType(start: number, pattern: string): RegExp {
  return new RegExp(`'${noOption}${start}' does not exist in type '.*(?:${pattern})`)
}

function refusedAtTarget(text: string): Edit[] {
  return targetCalls(text).map(({ isOption, message, name, of, ...span }) => {
    const said = isOption ? ofType(span.start, of) : noMember(name, of)
    return renamed(text, span, isOption ? `${noOption}${span.start}` : `${noFunction}_${name}`, [
      { said, code: 'target', message },
    ])
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
