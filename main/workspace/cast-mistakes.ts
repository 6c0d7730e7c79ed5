import { withoutCasts } from './casts.ts'
import { type ApiNames, refusesRun } from './run-mistakes.ts'
import type { ScriptFiles } from './script-files.ts'
import { type CheckTypesOptions, checkTypes, type ScriptMistake } from './type-check.ts'

/**
 * What is wrong in scenarios behind casts to types that fit everything, and behind comments that silence the compiler: only
 * what would fail when it runs, since somebody has asked not to be told of types.
 *
 * @param types the folder of the script API's `.d.ts` files; ends in `/`
 * @throws FaultlineError what `checkTypes` throws
 */
export async function castMistakes(
  files: ScriptFiles,
  types: URL,
  api: ApiNames,
  options: CheckTypesOptions = {},
): Promise<ScriptMistake[]> {
  const bare = new Map<string, string>()
  for (const file of files.scripts.filter((each) => each.endsWith('.scenario.ts') && !files.tooBig.has(each))) {
    const text = withoutCasts(files.texts.get(file) ?? '')
    if (text !== undefined) bare.set(file, text)
  }
  if (bare.size === 0) return []
  const texts = new Map([...files.texts, ...bare])
  const found = await checkTypes({ texts, scripts: [...bare.keys()], tooBig: files.tooBig }, types, options)
  return found.filter((mistake) => {
    const text = bare.get(mistake.file)
    return text !== undefined && refusesRun(mistake, api) && !isAskedFor(mistake, text)
  })
}

/** Whether a member that there is not is no more than looked for: who casts may want to know whether it is there. */
function isAskedFor({ code, column, line, message }: ScriptMistake, text: string): boolean {
  if (code === 'TS7053') return true
  const name = /^TS(?:2339|2551)$/.test(code) ? /^Property '([\w$]+)'/.exec(message)?.[1] : undefined
  if (name === undefined) return false
  const row = text.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? ''
  const isUsed = /^\s*[.([]/.test(row.slice(column - 1 + name.length))
  return !isUsed || new RegExp(`\\.${name}\\b(?!\\s*[.([])|['"\`]${name}['"\`]`).test(text)
}
