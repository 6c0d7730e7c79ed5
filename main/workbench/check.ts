import { ScriptFault, stripTypes } from '../devices/guest/script-source.ts'
import { readScriptFiles, type ScriptFiles } from '../workspace/script-files.ts'
import { checkTypes, type ScriptMistake } from '../workspace/type-check.ts'
import { Workspace } from '../workspace/workspace.ts'

export interface Checked {
  /** How many scripts were looked at, without the modules that they import. */
  readonly scripts: number
  /** By file, line and column. */
  readonly mistakes: readonly ScriptMistake[]
}

/**
 * Looks for mistakes in the scripts of a workspace without running them: what the compiler finds with the editor's
 * options, and what the sandbox would refuse to load.
 *
 * @param types the folder of the script API's `.d.ts` files; ends in `/`
 * @throws FaultlineError what `Workspace.open`, `readScriptFiles` and `checkTypes` throw
 */
export async function checkWorkspace(path: string, types: URL): Promise<Checked> {
  const workspace = await Workspace.open(path)
  const files = await readScriptFiles(workspace.path)
  if (files.scripts.length === 0) return { scripts: 0, mistakes: [] }
  const typed = await checkTypes(files, types)
  const lines = new Set(typed.map(({ file, line }) => `${file}:${line}`))
  // The compiler has said it already where both refuse the same line.
  const refused = refusals(files).filter(({ file, line }) => !lines.has(`${file}:${line}`))
  const mistakes = [...typed, ...refused].sort(byPlace)
  return { scripts: files.scripts.length, mistakes }
}

/** What the sandbox's own parser does not take. */
function refusals({ scripts, texts, tooBig }: ScriptFiles): ScriptMistake[] {
  const mistakes: ScriptMistake[] = []
  for (const file of scripts.filter((path) => !path.endsWith('.d.ts'))) {
    if (tooBig.has(file)) continue
    try {
      stripTypes({ file, text: texts.get(file) ?? '' })
    } catch (error) {
      if (!(error instanceof ScriptFault)) throw error
      const { line = 1, column = 1, message } = error.error
      mistakes.push({ file, line, column, code: 'syntax', message })
    }
  }
  return mistakes
}

function byPlace(a: ScriptMistake, b: ScriptMistake): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
