import { createRequire } from 'node:module'
import type * as Stripper from '@swc/wasm-typescript'
import type { ScriptError } from '../../../app/device/device-snapshot.ts'

/** A script as its author wrote it. */
export interface ScriptSource {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly text: string
}

/** A script failed; whoever catches this stops the device. */
export class ScriptFault extends Error {
  override readonly name = 'ScriptFault'
  readonly error: ScriptError

  constructor(error: ScriptError) {
    super(error.message)
    this.error = error
  }
}

/** Lines and columns from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Takes the types out of a script and leaves everything else where it was, so that lines and columns stay true.
 *
 * @throws ScriptFault for a syntax error, and for the parts of TypeScript that are more than types (`enum`, ...)
 */
export function stripTypes(source: ScriptSource): string {
  const stripped = strip(source.text)
  if (typeof stripped === 'string') return stripped
  const position = { line: stripped.startLine, column: displayColumn(source.text, stripped) + 1 }
  throw fault(source, readable(stripped.message), position)
}

interface StripError {
  readonly message: string
  readonly startLine: number
  readonly startColumn: number
}

let library: typeof Stripper | undefined

/** A seventh of a second to load: not before there is a script to be read. */
function loaded(): typeof Stripper {
  library ??= createRequire(import.meta.url)('@swc/wasm-typescript') as typeof Stripper
  return library
}

/** The library throws plain objects for errors of the script; anything else is its own failure and goes on its way. */
function strip(text: string): string | StripError {
  try {
    return loaded().transformSync(text, { mode: 'strip-only', module: true }).code
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'startLine' in error) return error as StripError
    // Its stack has run into its data: this worker must not ask it again.
    if (error instanceof Error && error.name === 'RuntimeError') {
      throw new Error('its text nests too deep to be read', { cause: error })
    }
    throw error
  }
}

/**
 * The library counts columns as a terminal shows them: a tab is 4 wide, some characters 2 or 3, some nothing. So where
 * such a character is in the text, it is asked again about a text that has one plain character for each UTF-16 unit.
 */
function displayColumn(text: string, error: StripError): number {
  if (!/[^\n\r -~]/.test(text)) return error.startColumn
  const plain = text.replace(/[^\n\r -~]/g, (unit) => (/\s/.test(unit) ? ' ' : 'x'))
  const again = strip(plain)
  return typeof again === 'object' && again.startLine === error.startLine ? again.startColumn : error.startColumn
}

function readable(message: string): string {
  return message.replace(/`([^`]*)`/g, "'$1'").replace(' in strip-only mode', '; only types are taken out of a script')
}

export function fault(source: ScriptSource, message: string, position?: Position, stack?: string): ScriptFault {
  return new ScriptFault({ message, file: source.file, line: position?.line, column: position?.column, stack })
}

/** How much of a stack is kept; a script that calls itself without end has hundreds of frames. */
const mostFrames = 10

export interface ReadStack {
  /** Where the stack first touches a file of the script's author. */
  readonly place: { readonly source: ScriptSource; readonly position: Position } | undefined
  /** Its frames without those of our own library. */
  readonly frames: string
}

/** @param textOf what is in a file, if it is one of the script's author */
export function readStack(textOf: (file: string) => string | undefined, stack: string): ReadStack {
  const all = stack.split('\n').filter((frame) => frame.trim() !== '')
  const ours = (frame: string | undefined) => frame !== undefined && /(?:\(| )faultline:\d+:\d+\)?$/.test(frame)
  // A builtin that our library called, such as the constructor of a promise, is none of the script's business either.
  const frames = all.filter((frame, i) => !ours(frame) && !(frame.endsWith('(native)') && ours(all[i + 1])))
  const shown = frames.slice(0, mostFrames)
  if (frames.length > mostFrames) shown.push(`    and ${frames.length - mostFrames} more`)
  return { place: firstPlace(textOf, frames), frames: shown.join('\n') }
}

function firstPlace(textOf: (file: string) => string | undefined, frames: readonly string[]): ReadStack['place'] {
  for (const frame of frames) {
    const [, file, line, column] = /^\s*at (?:.* \()?(.+):(\d+):(\d+)\)?$/.exec(frame) ?? []
    const text = file === undefined ? undefined : textOf(file)
    if (file === undefined || text === undefined) continue
    const position = { line: Number(line), column: unitColumn(text, Number(line), Number(column)) }
    return { source: { file, text }, position }
  }
  return undefined
}

/** QuickJS counts whole characters in a line, editors count UTF-16 units. */
export function unitColumn(text: string, line: number, column: number): number {
  const characters = [...(text.split('\n')[line - 1] ?? '')]
  return characters.slice(0, column - 1).join('').length + 1
}

/** Where a module is imported; QuickJS does not say. */
export function findImport(source: ScriptSource, specifier: string): Position | undefined {
  return findCode(source, /\b(?:from|import)\b\s*\(?\s*(?=['"`])/g, ({ index, 0: { length } }) => {
    const at = index + length
    return isQuoted(source.text, at, specifier) ? at : undefined
  })
}

/** Where a name is imported from a module, or exported again. */
export function findImportedName(source: ScriptSource, name: string, specifier: string): Position | undefined {
  // The clause is bounded, because a text may begin many that do not end.
  return findCode(
    source,
    /\b(?:import|export)\b([^;'"]{1,5000}?)\bfrom\s*(?=['"])/g,
    ({ index, 0: all, 1: clause = '' }) => {
      if (!isQuoted(source.text, index + all.length, specifier)) return undefined
      const at = wordIn(clause, name)
      return at === undefined ? undefined : index + 'import'.length + at
    },
  )
}

/** A name of a script goes into no regular expression: one that is very long would make none. */
function isQuoted(text: string, at: number, specifier: string): boolean {
  const quote = text[at] ?? ''
  const written = [specifier, specifier.replaceAll('\\', '\\\\')]
  return written.some((form) => text.startsWith(`${form}${quote}`, at + 1))
}

function wordIn(text: string, word: string): number | undefined {
  const isPart = (unit: string | undefined) => unit !== undefined && /[\w$]/.test(unit)
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return at
  }
  return undefined
}

/**
 * Where an option is written, such as `client.will.topic`: each part is looked for after the one before it. Where one is
 * not written out, the last one found is the best there is.
 */
export function findOption(source: ScriptSource, path: string): Position | undefined {
  let from = 0
  let found: Position | undefined
  // Names in brackets may have anything in them, and stand in quotes.
  const [, plain = '', quoted] = /^([^[]*)(?:\['(.*)'\])?/s.exec(path) ?? []
  const patterns = plain
    .split('.')
    .filter((name) => name !== '')
    .map((part) => `(?=\\b${escaped(part).replace(' ', '\\s+')}\\b)`)
  if (quoted !== undefined) {
    const name = escaped(quoted)
    patterns.push(/^[\w$]+$/.test(quoted) ? `(?=(?:(['"])${name}\\1|\\b${name})\\s*:)` : `(?=(['"])${name}\\1\\s*:)`)
  }
  for (const part of patterns) {
    const pattern = new RegExp(part, 'g')
    pattern.lastIndex = from
    const position = findCode(source, pattern)
    if (position === undefined) break
    found = position
    from = pattern.lastIndex + 1
  }
  return found
}

/** @param place the index that is meant by a match, by itself its end; undefined goes on. Comments are left out. */
function findCode(
  source: ScriptSource,
  pattern: RegExp,
  place: (match: RegExpExecArray) => number | undefined = ({ index, 0: { length } }) => index + length,
): Position | undefined {
  for (let match = pattern.exec(source.text); match !== null; match = pattern.exec(source.text)) {
    const at = place(match)
    const before = source.text.slice(0, at ?? 0)
    const line = before.slice(before.lastIndexOf('\n') + 1)
    if (at !== undefined && !/^\s*(?:\/\/|\/?\*)|\s\/\/\s/.test(line)) {
      return { line: before.split('\n').length, column: line.length + 1 }
    }
    pattern.lastIndex = match.index + match[0].length + 1
  }
  return undefined
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
