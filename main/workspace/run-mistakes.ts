import { readdir, readFile } from 'node:fs/promises'
import { exported } from '../../app/script-api/compiler-words.ts'
import { noLengthOfTime } from './script-probe.ts'
import type { ScriptMistake } from './type-check.ts'

/** What the script API declares, read from its `.d.ts` files. */
export interface ApiNames {
  /** Of its types. */
  readonly types: ReadonlySet<string>
  /** Every word in it: what is none of them, nothing in the API is called. */
  readonly words: ReadonlySet<string>
  /** All of it on one line, so that a type without a name can be looked for. */
  readonly text: string
  /** The members of each type, or the words that it can be. */
  readonly members: ReadonlyMap<string, readonly string[]>
}

/** @param folder of the script API's `.d.ts` files; ends in `/` */
export async function readApiNames(folder: URL): Promise<ApiNames> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.d.ts')).sort()
  return apiNames(await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8'))))
}

export function apiNames(texts: readonly string[]): ApiNames {
  const text = texts.join('\n').replace(/\/\*\*[\s\S]*?\*\//g, '')
  const types = [...text.matchAll(/\b(?:interface|type) (\w+)/g)].map(([, name = '']) => name)
  return {
    types: new Set(types),
    words: new Set(text.match(/\w+/g)),
    text: oneLine(text),
    members: new Map(types.map((name) => [name, membersOf(name, text)])),
  }
}

/** With those that it has from another. */
function membersOf(name: string, text: string): string[] {
  const [, bases = '', body = ''] =
    new RegExp(`\\binterface ${name}\\b[^\\n]*?(?:extends ([\\w, ]+))? \\{\\n([^]*?)\\n {2}\\}`).exec(text) ?? []
  const own = [...body.matchAll(/^ {4}(?:readonly )?(\w+)\??[(:<]/gm)].map(([, member = '']) => member)
  const words =
    new RegExp(`\\btype ${name} =((?:\\s*\\|?\\s*(?:'[^'\\n]*'|\\d+))+)`).exec(text)?.[1]?.match(/'[^'\n]*'|\d+/g) ?? []
  const inherited = bases.split(/, ?/).flatMap((base) => (base === '' ? [] : membersOf(base, text)))
  return [...new Set([...own, ...inherited, ...words])]
}

/** What the compiler says, and what to do about it. */
export function withAdvice({ code, message }: ScriptMistake, { members }: ApiNames): string {
  // What the groups of a scenario are is too long to be read.
  const [first = ''] = message.replace(/'ScenarioContext<.*>'/, "'ScenarioContext'").split('\n')
  if (!code.startsWith('TS') || /Did you mean|did you mean|write '/.test(first)) return first
  if (/'Promise(?:Like)?</.test(first)) return `${first} Write 'await' before what gives it.`
  if (code === 'TS2493') return `${first} Give that group a larger 'count', or take no more of them.`
  const type = /^.* type '(.*)'/.exec(first)?.[1] ?? ''
  const noTime = /^(?:Type|Argument of type) '"(.*)"' .* type 'Duration(?: \| undefined)?'\.$/.exec(first)?.[1]
  if (noTime !== undefined) return noLengthOfTime(noTime)
  // What has a wrong name may have any value.
  if (/\bDuration\b/.test(type) && !/^TS(?:2353|2561|2559|2339)$/.test(code))
    return `${first} Write a number of milliseconds, or text such as '250ms', '1.5s', '2m'.`
  const [, name = ''] = /^Property '(\w+)' does not exist on type 'ScenarioContext'/.exec(first) ?? []
  if (exported.has(name)) return `${first} Write: import { ${name} } from 'faultline'`
  const known = [...new Set(namesOf(type, members))]
  return known.length === 0 ? first : `${first} There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`
}

/** What can be written where a type is wanted: the names of members, or words. */
function namesOf(type: string, members: ApiNames['members']): string[] {
  const [, kind, from = '', some = ''] = /^(Pick|Omit)<(\w+), (.*)>$/.exec(type) ?? []
  if (kind !== undefined) {
    const words = new Set(some.match(/\w+/g))
    return (members.get(from) ?? []).filter((name) => words.has(name) === (kind === 'Pick'))
  }
  // What it is made of says nothing of its members.
  const whole = members.get(/^(\w+)<.*>$/.exec(type)?.[1] ?? '') ?? []
  if (whole.length > 0) return [...whole]
  const written = [...type.matchAll(/[{;] readonly (\w+)/g)].map(([, name = '']) => name)
  const named = type.replace(/\{[^{}]*\}/g, '').match(/\w+/g) ?? []
  return [...named.flatMap((name) => members.get(name) ?? []), ...written]
}

/** As the compiler prints a type: without line ends, `| undefined` of what is optional, and its kind of quotes. */
function oneLine(text: string): string {
  return text
    .replace(/;?\s*\n\s*/g, '; ')
    .replace(/;? ?\}/g, ' }')
    .replace(/ \| undefined/g, '')
    .replaceAll('"', "'")
}

const literal = /^(?:"[^"]*"|-?\d[\d.e+]*|true|false)$/

/** What the sandbox's language has and the types of `scriptCompilerOptions` do not. */
const newerNames = new Set(['Float16Array', 'InternalError', 'Iterator'])

/**
 * Whether a mistake that the compiler finds stops a run that has not begun: where the script would fail in the middle of it,
 * because there is no such name, option or word. What types are strict about and a sandbox is not (a type that is missing, a
 * number that may be undefined, text that is no more known than that it is text) does not; neither does what the script says
 * of its own types.
 */
export function refusesRun({ code, message }: ScriptMistake, api: ApiNames): boolean {
  const [first = ''] = message.split('\n')
  // A name that there is not has many codes; whether it is that of a type the caller knows.
  const absent = /^(?:Cannot find name|A script has no) '([^']+)'/.exec(first)?.[1]
  if (absent !== undefined) return !newerNames.has(absent)
  const part = (pattern: RegExp) => pattern.exec(first)?.slice(1) as [string, string] | undefined
  switch (code) {
    case 'await':
    case 'duration':
    case 'argument':
    case 'import':
    case 'target':
      return true
    case 'outside':
      return message.startsWith('cannot import ')
    // A condition that is a promise.
    case 'TS2801':
      return first.includes("'Promise<")
    // What is compared or reckoned with is one, and not what it gives.
    case 'TS2365':
    case 'TS2367':
      return part(/ types '(.*)' and '(.*)'(?: have no overlap)?\./)?.some(isPromise) ?? false
    case 'TS2678':
      return isPromise(part(/ is not comparable to type '(.*)'\./)?.[0] ?? '')
    case 'TS2488':
      return isPromise(part(/^Type '(.*)' must have a /)?.[0] ?? '')
    case 'TS2339':
    case 'TS2551': {
      const [name, type] = part(/^Property '([^']*)' does not exist on type '(.*)'\./) ?? []
      return name !== undefined && type !== undefined && hasNot(type, name, api)
    }
    // Such as `devices['pmup']`.
    case 'TS7053':
      return /^ *Property '[^']*' does not exist on type '\{ readonly .*\b(?:DeviceHandle|FleetHandle)\b/m.test(message)
    // Options that are misspelt, written out or by name.
    case 'TS2353':
    case 'TS2561':
      return isOfApi(part(/ does not exist in type '(.*)'\./)?.[0] ?? '', api)
    case 'TS2559':
      return isOfApi(part(/ in common with type '(.*)'\./)?.[0] ?? '', api)
    // More devices than there are.
    case 'TS2493':
      return isOfApi(part(/^Tuple type '(.*)' of length/)?.[0] ?? '', api)
    case 'TS2349':
      return isOfApi(/^ *Type '(.*)' has no call signatures\./m.exec(message)?.[1] ?? '', api)
    case 'TS2322':
    case 'TS2345':
    case 'TS2820': {
      if (/^(?:a device|client(?:\.\w+)?) has no '/.test(first)) return true
      const [given, wanted] = part(/ype '(.*)' is not assignable to (?:parameter of )?type '(.*)'\./) ?? []
      return given !== undefined && wanted !== undefined && literal.test(given) && isOfApi(wanted, api)
    }
    default:
      return false
  }
}

function isPromise(type: string): boolean {
  return /^Promise(?:Like)?<.*>$/.test(type)
}

/** The same in plain words, where there are any; else with all that the compiler says. */
export function inPlainWords(mistake: ScriptMistake, api: ApiNames): ScriptMistake {
  const advised = withAdvice(mistake, api)
  return mistake.message.startsWith(`${advised}\n`) ? mistake : { ...mistake, message: advised }
}

/** Names one of the API's types, or is written out there. */
function isOfApi(type: string, { text, types }: ApiNames): boolean {
  if ((type.match(/\w+/g) ?? []).some((word) => types.has(word))) return true
  const plain = oneLine(type)
  if (/^\d+(?: \| \d+)+$/.test(plain)) return new RegExp(`[:=] ${plain.replaceAll('|', '\\|')};`).test(text)
  if (!/['{]/.test(plain)) return false
  // The compiler sorts alternatives in its own way.
  const words = plain.split(' | ')
  return text.includes(plain) || text.includes(words.toReversed().join(' | '))
}

/** Whether what is of this type surely has no such member when it runs. */
function hasNot(type: string, name: string, { types, words }: ApiNames): boolean {
  // The devices of a scenario, and its fleets, by the names of their groups.
  if (/^\{ readonly /.test(type)) return /\b(?:DeviceHandle|FleetHandle)\b/.test(type)
  const parts = type.split(' | ').map((part) => /^(?:Promise<)?(\w+)(?:<(.*?)>)?>?$/.exec(part))
  if (!parts.every((part) => types.has(part?.[1] ?? ''))) return false
  if (!words.has(name)) return true
  // What is one of several, or of no known type, may be the one that has it.
  const [, kind, given] = parts[0] ?? []
  return (
    parts.length === 1 &&
    (kind !== 'ValueExpectations' || given === undefined || /^(?:string|number|boolean|".*"|\d+)$/.test(given))
  )
}
