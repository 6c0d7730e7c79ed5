import { closest } from '../base/closest.ts'
import { insteadOf } from './absent-names.ts'
import { resolvePath } from './workspace-path.ts'

/** What a script has to import: all that the API's `.d.ts` files export and is no type. */
export const exported: ReadonlySet<string> = new Set(
  'after bytes cbor clock device every faker flash fleet log protobuf scenario sensor'.split(' '),
)

/** The code of `enum` and its like, with `erasableSyntaxOnly`. */
export const notErasable = 'TS1294'

/**
 * What the compiler says, as `faultline check` and the editor say it: without advice that is good for programs and wrong
 * for scripts, which can install nothing and change no options.
 *
 * @param file the script, relative to the workspace, with `/`
 * @param code such as `TS2304`
 */
export function inOurWords(file: string, code: string, message: string): string {
  if (code === notErasable) {
    return "only types are taken out of a script: 'enum', 'namespace', parameter properties and '<T>value' are more than types"
  }
  const name = /^Cannot find name '([^']+)'/.exec(message)?.[1]
  const instead =
    name === undefined ? undefined : insteadOf(name, file.endsWith('.scenario.ts') ? 'a scenario' : 'a device')
  if (instead !== undefined) return `A script has no '${name}': ${instead}.`
  if (name !== undefined && exported.has(name)) return `${message} Write: import { ${name} } from 'faultline'`
  const specifier = /^Cannot find module '([^']+)'/.exec(message)?.[1]
  const outside = specifier === undefined ? undefined : whyOutside(specifier, file)
  if (outside !== undefined) return outside
  const advice = / (?:Do you need to|Try `npm|Try changing|Consider adding)/.exec(message)
  if (advice === null) return message
  return `${message.slice(0, advice.index)} A script has the language and 'faultline', nothing else.`
}

/**
 * Why the path of a module leads nowhere in a sandbox; undefined where it is one inside of the workspace. Escapes need no
 * reading: no path of a module has a backslash. Packages, which have no path, the compiler refuses.
 */
export function whyOutside(specifier: string, file: string): string | undefined {
  if (/^node:[\w/]+$/.test(specifier)) return undefined
  const resolved = resolvePath(specifier.endsWith('.ts') ? specifier : `${specifier}.ts`, file)
  return resolved.path === undefined ? `cannot import '${specifier}': it ${resolved.refused}` : undefined
}

/** What the type of `device` says of a name that no device has: see `Exactly` in `faultline.d.ts`. */
const noOther = /"((?:a device|client(?:\.\w+)?) has no '([^']+)'); it has ([^"]*)"/

/**
 * The compiler blames a whole factory for one misspelt name in what it returns, in as many lines as the types have: the
 * name is what counts, and where it stands.
 *
 * @param text of the script
 * @param from where the compiler sees the mistake
 * @returns undefined for any other mistake
 */
export function misspelt(message: string, text: string, from: number): { message: string; at: number } | undefined {
  const [, said, name = '', known = ''] = noOther.exec(message) ?? []
  if (said === undefined) return undefined
  const meant = closest(name, known.split(', '))
  const pattern = /[\w$]+(?=['"]?\s*[(:,}])/g
  pattern.lastIndex = from
  let found = pattern.exec(text)
  while (found !== null && found[0] !== name) found = pattern.exec(text)
  const offer = meant === undefined ? `it has ${known}` : `did you mean '${meant}'?`
  return { message: `${said}; ${offer}`, at: found?.index ?? from }
}
