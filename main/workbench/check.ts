import { deviceId } from '../../app/device/device-id.ts'
import { ScriptFault, stripTypes } from '../devices/guest/script-source.ts'
import { WorkspaceFiles } from '../devices/guest/workspace-files.ts'
import { castMistakes } from '../workspace/cast-mistakes.ts'
import { withoutCasts } from '../workspace/casts.ts'
import { type CheckedSettings, checkSettings } from '../workspace/check-settings.ts'
import { fileReferences } from '../workspace/file-references.ts'
import { inPlainWords, readApiNames } from '../workspace/run-mistakes.ts'
import { readScriptFiles, type ScriptFiles } from '../workspace/script-files.ts'
import { checkTypes, type ScriptMistake } from '../workspace/type-check.ts'
import { isDeviceScript, scriptName, Workspace } from '../workspace/workspace.ts'
import { checkScenarios, isScenario } from './check-scenarios.ts'
import { absentIn, mayHaveTarget, ofTargets } from './planned-mistakes.ts'
import { withoutKnown } from './scenario-types.ts'
import { systemClock } from './system-clock.ts'
import { tryScripts } from './try-scripts.ts'

export interface Checked {
  /** How many scripts were looked at, without the modules that they import. */
  readonly scripts: number
  /** By file, line and column. */
  readonly mistakes: readonly ScriptMistake[]
  /** What is no mistake, but may not be meant. */
  readonly hints: readonly ScriptMistake[]
}

/** The bundles that run in the devices' worker threads and in their sandboxes. */
interface Assets {
  readonly worker: URL
  readonly guest: URL
}

/**
 * Looks for mistakes in a workspace: in `faultline.json`; what the compiler finds in the scripts with the editor's
 * options; what the sandbox would refuse to load; files that scripts name and that are not there; and what goes wrong
 * when a script is run as far as a device of it would before it connects; and in the static part of scenarios.
 *
 * @param types the folder of the script API's `.d.ts` files; ends in `/`
 * @param assets undefined: no script is run
 * @throws FaultlineError what `Workspace.open`, `readScriptFiles`, `checkSettings` and `checkTypes` throw
 */
export async function checkWorkspace(path: string, types: URL, assets?: Assets): Promise<Checked> {
  const workspace = await Workspace.open(path)
  const files = await readScriptFiles(workspace.path)
  const devices = files.scripts.filter(isDeviceScript)
  const checked = await checkSettings(workspace, devices)
  const found = files.scripts.length === 0 ? [] : await typesOf(files, types)
  const refused = refusals(files)
  const broken = new Set(refused.map(({ file }) => file))
  const runnable = devices.filter((file) => !broken.has(file) && !files.tooBig.has(file))
  const failed = assets === undefined ? [] : await failures(runnable, files, checked, workspace.path, assets)
  const scenarios = files.scripts.filter((file) => isScenario(file) && !broken.has(file) && !files.tooBig.has(file))
  const planned =
    assets === undefined
      ? { mistakes: [], scripts: new Set<string>(), plans: new Map() }
      : await checkScenarios(
          scenarios.map((file) => ({ file, text: files.texts.get(file) ?? '' })),
          { assets, devices: devices.map(scriptName), workspace: workspace.path },
        )
  // What only a scenario runs is run.
  const hints = checked.hints.filter(({ file }) => !planned.scripts.has(scriptName(file)))
  const around = { planned: planned.plans, target: undefined, texts: files.texts }
  // As in a run: of the plan of a scenario its own words say most.
  const typed = withoutKnown([...ofTargets(found, around), ...absentIn(planned.plans, files.texts)], planned.mistakes)
  const mistakes = [...checked.mistakes]
  // One line of a script is told of once: the compiler first, which says most about it.
  for (const found of [typed, refused, missingFiles(files, workspace.path), failed, planned.mistakes]) {
    const lines = new Set(mistakes.map(lineOf))
    mistakes.push(...found.filter((mistake) => !lines.has(lineOf(mistake))))
  }
  return { scripts: files.scripts.length, mistakes: mistakes.sort(byPlace), hints: [...hints, ...castHints(files)] }
}

/** What the compiler finds, also behind casts, in the words that a run has for it. */
async function typesOf(files: ScriptFiles, types: URL): Promise<ScriptMistake[]> {
  const api = await readApiNames(types)
  const atTarget = new Set(files.scripts.filter((file) => mayHaveTarget(files.texts.get(file))))
  const typed = await checkTypes(files, types, { atTarget })
  const cast = await castMistakes(files, types, api, { atTarget })
  return [...typed, ...withoutKnown(cast, typed)].map((mistake) => inPlainWords(mistake, api))
}

/** Behind casts there may be more than can be found. */
function castHints({ scripts, texts }: ScriptFiles): ScriptMistake[] {
  const cast = scripts.filter((file) => isScenario(file) && withoutCasts(texts.get(file) ?? '') !== undefined)
  const message =
    "where something is cast to 'any', or the compiler is told to be silent, only what would surely fail is looked for"
  return cast.map((file) => ({ file, line: 1, column: 1, code: 'cast', message }))
}

/** What goes wrong when these are run. */
async function failures(
  runnable: readonly string[],
  { texts }: ScriptFiles,
  checked: CheckedSettings,
  root: string,
  assets: Assets,
): Promise<ScriptMistake[]> {
  const scripts = runnable.map((file) => ({ file, text: texts.get(file) ?? '', id: idFor(file, checked) }))
  const seed = checked.settings?.seed ?? 1
  const tried = await tryScripts(scripts, { clock: systemClock, assets, workspace: root, seed })
  return tried.flatMap(({ script, inspection }) => {
    if (inspection.kind !== 'failed') return []
    const { file = script.file, line = 1, column = 1, message } = inspection.error
    return [{ file, line, column, code: 'run', message }]
  })
}

/** The first device of the first entry that has this script; else the one that it has where no entries are. */
function idFor(file: string, { settings }: CheckedSettings): string {
  const script = scriptName(file)
  const entry = Object.entries(settings?.devices ?? {}).find(([, each]) => each.script === script && each.count > 0)
  return entry === undefined ? script : deviceId(entry[0], entry[1].count, 1)
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

/** Of what imports `faultline`: other programs may have functions of the same names. */
function missingFiles({ texts }: ScriptFiles, root: string): ScriptMistake[] {
  const readable = new WorkspaceFiles(root)
  const users = [...texts].filter(([, text]) => /['"]faultline['"]/.test(text))
  return users.flatMap(([file, text]) =>
    fileReferences(text).flatMap(({ path, line, column }) => {
      const read = readable.read(path, '')
      if ('text' in read) return []
      return [{ file, line, column, code: 'file', message: `${path} ${read.refused}` }]
    }),
  )
}

function lineOf({ file, line }: ScriptMistake): string {
  return `${file}:${line}`
}

function byPlace(a: ScriptMistake, b: ScriptMistake): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
